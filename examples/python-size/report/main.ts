// Draws the analysis as one self-contained HTML page: a treemap of sizes, the graph of needs, and a table.
import { readFileSync, writeFileSync } from "node:fs";
import { drawGraph } from "./graph";
import { page } from "./page";
import type { Analysis } from "./package";
import { drawTreemap } from "./treemap";

const analysis = JSON.parse(readFileSync(process.env.TARS_INPUT!, "utf-8")) as Analysis;
const packages = [...analysis.packages].sort((a, b) => b.bytes - a.bytes);

writeFileSync(process.env.TARS_OUTPUT!, page(analysis, packages, drawTreemap(packages), drawGraph(packages)));
console.log(`${packages.length} packages drawn`);
