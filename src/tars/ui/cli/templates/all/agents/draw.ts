// Draws the ranked words as bars on an HTML page, under their description.
import { readFileSync, writeFileSync } from "node:fs";

type Ranked = { word: string; times: number };

const [rankedPath, descriptionPath] = JSON.parse(process.env.TARS_INPUTS!) as string[];
const ranked: Ranked[] = JSON.parse(readFileSync(rankedPath, "utf-8"));
const description = readFileSync(descriptionPath, "utf-8");
const most = Math.max(...ranked.map(({ times }) => times));
const bars = ranked.map(({ word, times }) => `<tr><td>${word}<td><meter max="${most}" value="${times}"></meter> ${times}`);
const page = `<!doctype html><meta charset="utf-8"><title>Words</title>\n<p>${description}</p>\n<table>\n${bars.join("\n")}\n</table>\n`;
writeFileSync(process.env.TARS_OUTPUT!, page);
console.log(`${bars.length} bars`);
