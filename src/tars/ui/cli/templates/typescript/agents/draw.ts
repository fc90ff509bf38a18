// Draws the most frequent words of the input file as bars on an HTML page.
import { readFileSync, writeFileSync } from "node:fs";

type Count = { word: string; times: number };

function count(text: string): Count[] {
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/[a-z']+/g)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, times]) => ({ word, times })).sort((a, b) => b.times - a.times);
}

function page(counts: Count[]): string {
  const bars = counts.map(({ word, times }) => `<tr><td>${word}<td><meter max="${counts[0].times}" value="${times}"></meter> ${times}`);
  return `<!doctype html><meta charset="utf-8"><title>Words</title>\n<table>\n${bars.join("\n")}\n</table>\n`;
}

const top = count(readFileSync(process.env.TARS_INPUT!, "utf-8")).slice(0, 10);
writeFileSync(process.env.TARS_OUTPUT!, page(top));
console.log(`the ${top.length} most frequent words are on the page`);
