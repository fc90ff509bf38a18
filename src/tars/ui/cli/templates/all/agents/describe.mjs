// Describes the ranked words in one sentence.
import { readFileSync, writeFileSync } from "node:fs";

const ranked = JSON.parse(readFileSync(process.env.TARS_INPUT, "utf-8"));
const named = ranked.slice(0, 3).map(({ word, times }) => `"${word}" (${times} times)`);
writeFileSync(process.env.TARS_OUTPUT, `The most frequent words are ${named.join(", ")}.\n`);
console.log(named.join(", "));
