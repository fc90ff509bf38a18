// Checks that the report shows every keyword of every text, and sums up. A missing one fails the run.
const { readFileSync, writeFileSync } = require("node:fs");

const [reportPath, keywordsPath] = process.argv.slice(2);
const report = readFileSync(reportPath, "utf-8");
const keywords = JSON.parse(readFileSync(keywordsPath, "utf-8"));

const missing = Object.entries(keywords).flatMap(([name, words]) =>
  words.filter((word) => !report.includes(`<span>${word}</span>`)).map((word) => `${name}: ${word}`),
);
if (missing.length > 0) {
  console.error(`the report does not show ${missing.join(", ")}`);
  process.exit(1);
}
const about = Object.fromEntries(Object.entries(keywords).map(([name, words]) => [name, words[0]]));
writeFileSync(process.env.TARS_OUTPUT, JSON.stringify({ complete: true, about }, null, 2) + "\n");
for (const [name, word] of Object.entries(about)) console.log(`${name} is about ${word}`);
