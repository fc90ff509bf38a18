// Counts the words of the input file and writes them as JSON, the most frequent first.
import { readFileSync, writeFileSync } from "node:fs";

const counts = new Map();
for (const [word] of readFileSync(process.env.TARS_INPUT, "utf-8").toLowerCase().matchAll(/[a-z']+/g)) {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}
const words = [...counts].sort((a, b) => b[1] - a[1]);
writeFileSync(process.env.TARS_OUTPUT, JSON.stringify(words));
console.log(`${words.length} different words`);
