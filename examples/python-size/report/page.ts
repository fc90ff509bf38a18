// The page around the drawings: words, colours for light and dark, and what pointing at a package shows.
import { type Analysis, escape, type Package, role, size } from "./package";

const STYLE = `
:root { color-scheme: light dark;
  --ground: light-dark(#f6f7f9, #0f1115); --card: light-dark(#fff, #181b22); --ink: light-dark(#1b1f27, #e6e9ef);
  --quiet: light-dark(#646c7a, #949cab); --line: light-dark(#dfe3ea, #2a2f3a);
  --asked: light-dark(#2f6bd8, #3f74d8); --between: light-dark(#0f857b, #14877d); --leaf: light-dark(#6d57b8, #7c66cc) }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif }
main { max-width: 1280px; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem } h2 { font-size: 1.1rem; margin: 0 0 .75rem }
.lead, .hint { color: var(--quiet); margin: 0 } .hint { font-size: .87rem; margin-bottom: .75rem }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 }
.figures div { flex: 1 1 9rem; padding: .8rem 1.1rem } .figures b { display: block; font-size: 1.5rem; line-height: 1.25 }
.figures div, section { background: var(--card); border: 1px solid var(--line); border-radius: 12px }
section { padding: 1.25rem; margin-bottom: 1rem; overflow-x: auto }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; font-size: .87rem; margin-bottom: .75rem; color: var(--quiet) }
.legend i { display: inline-block; width: .8rem; height: .8rem; border-radius: 3px; margin-right: .45rem }
svg { display: block; width: 100%; height: auto } svg text { font: 12.5px system-ui, "DejaVu Sans", sans-serif; pointer-events: none }
.cell rect { fill: var(--own) } .cell text { fill: #fff } .cell .size { opacity: .82; font-size: 11.5px }
.node rect { fill: var(--card); stroke: var(--own); stroke-width: 1.5 } .node text { fill: var(--ink) }
.asked { --own: var(--asked) } .between { --own: var(--between) } .leaf { --own: var(--leaf) }
.edge { fill: none; stroke: var(--quiet); stroke-width: 1.1; opacity: .45 }
.pointing [data-name], .pointing .edge { opacity: .13; transition: opacity .12s }
.pointing .lit, .pointing .edge.lit { opacity: 1 } .edge.lit { stroke: var(--ink); stroke-width: 1.7 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th { text-align: left; color: var(--quiet); font-weight: 500; font-size: .87rem } td, th { padding: .3rem .9rem .3rem 0 }
tbody tr { border-top: 1px solid var(--line) } .number { text-align: right }
td .bar { display: inline-block; height: .55rem; border-radius: 3px; background: var(--own); vertical-align: middle }
`;

const SCRIPT = `
const all = [...document.querySelectorAll("[data-name], .edge")];
function point(name) {
  const near = new Set([name]);
  for (const edge of document.querySelectorAll(".edge")) {
    const { from, to } = edge.dataset;
    const lit = from === name || to === name;
    edge.classList.toggle("lit", lit);
    if (lit) near.add(from).add(to);
  }
  for (const item of all) if (item.dataset.name) item.classList.toggle("lit", near.has(item.dataset.name));
  document.body.classList.toggle("pointing", name !== undefined);
}
document.addEventListener("pointerover", (event) => point(event.target.closest("[data-name]")?.dataset.name));
document.documentElement.dataset.ready = String(all.length);
`;

export function page(analysis: Analysis, packages: Package[], treemap: string, graph: string): string {
  const heaviest = [...packages].sort((a, b) => b.bytes_with_needs - a.bytes_with_needs);
  const title = `${packages.length} Python packages, ${size(analysis.bytes)}`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><style>${STYLE}</style></head>
<body><main>
<h1>What is in this Python environment</h1>
<p class="lead">Every installed distribution, what it weighs, and what it needs. Point at one to see its neighbours.</p>
<div class="figures">${figures(analysis, packages)}</div>
<section><h2>Size</h2>${legend()}${treemap}</section>
<section><h2>Who needs whom</h2>
<p class="hint">Each line runs from a package to one that it needs, left to right. ${cycles(analysis)}</p>${graph}</section>
<section><h2>Weight with everything it brings</h2>${table(heaviest)}</section>
</main><script>${SCRIPT}</script></body></html>
`;
}

function figures(analysis: Analysis, packages: Package[]): string {
  const asked = packages.filter((p) => role(p) === "asked").length;
  const largest = packages[0];
  const facts: [string, string][] = [
    [String(packages.length), "distributions"],
    [size(analysis.bytes), `in ${packages.reduce((sum, p) => sum + p.files, 0).toLocaleString("en")} files`],
    [String(asked), "that no other needs"],
    [`${Math.round((100 * largest.bytes) / analysis.bytes)} %`, `of it is ${largest.name}`],
  ];
  return facts.map(([figure, words]) => `<div><b>${escape(figure)}</b>${escape(words)}</div>`).join("");
}

function legend(): string {
  const words = { asked: "no other package needs it", between: "needed, and needs others", leaf: "needed, and needs nothing" };
  const items = Object.entries(words).map(([name, text]) => `<span><i style="background:var(--${name})"></i>${text}</span>`);
  return `<div class="legend">${items.join("")}</div>`;
}

function cycles(analysis: Analysis): string {
  if (analysis.cycles.length === 0) return "There is no cycle.";
  return `These need each other: ${analysis.cycles.map((cycle) => escape(cycle.join(" ⇄ "))).join("; ")}.`;
}

function table(packages: Package[]): string {
  const most = packages[0].bytes_with_needs || 1;
  const row = (p: Package): string =>
    `<tr data-name="${p.name}" class="${role(p)}"><td>${p.name}</td><td>${escape(p.version)}</td>` +
    `<td class="number">${size(p.bytes)}</td><td class="number">${size(p.bytes_with_needs)}</td>` +
    `<td><span class="bar" style="width:${((10 * p.bytes_with_needs) / most).toFixed(2)}rem"></span></td>` +
    `<td class="number">${p.count_with_needs - 1}</td><td class="number">${p.needed_by.length}</td></tr>`;
  return `<table><thead><tr><th>Package</th><th>Version</th><th class="number">Alone</th><th class="number">With needs</th><th></th>
<th class="number">Brings</th><th class="number">Needed by</th></tr></thead><tbody>
${packages.map(row).join("\n")}
</tbody></table>`;
}
