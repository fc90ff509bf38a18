// A squarified treemap (Bruls, Huizing, van Wijk 2000): areas are sizes, and cells stay near to squares.
import { clip, escape, type Package, role, size } from "./package";

type Box = { x: number; y: number; width: number; height: number };

const WIDTH = 1200;
const HEIGHT = 620;
const LETTER = 7.6;

export function drawTreemap(packages: Package[]): string {
  const shown = packages.filter((p) => p.bytes > 0);
  const boxes = squarify(shown.map((p) => p.bytes), { x: 0, y: 0, width: WIDTH, height: HEIGHT });
  const cells = shown.map((p, index) => cell(p, boxes[index])).join("\n");
  return `<svg class="treemap" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Sizes as areas">\n${cells}\n</svg>`;
}

function cell(p: Package, box: Box): string {
  const letters = Math.floor((box.width - 14) / LETTER);
  const label = box.height > 24 ? clip(p.name, letters) : "";
  const below = box.height > 44 && label && size(p.bytes).length <= letters ? size(p.bytes) : "";
  const place = `x="${box.x.toFixed(1)}" y="${box.y.toFixed(1)}"`;
  const text = (content: string, down: number, kind: string): string =>
    content ? `<text class="${kind}" x="${(box.x + 8).toFixed(1)}" y="${(box.y + down).toFixed(1)}">${escape(content)}</text>` : "";
  return (
    `<g class="cell ${role(p)}" data-name="${p.name}"><title>${escape(`${p.name} ${p.version}: ${size(p.bytes)}`)}</title>` +
    `<rect ${place} width="${Math.max(box.width - 2, 0.5).toFixed(1)}" height="${Math.max(box.height - 2, 0.5).toFixed(1)}" rx="3"/>` +
    `${text(label, 19, "name")}${text(below, 36, "size")}</g>`
  );
}

/** One box for each value, in the same order; the values must fall. */
function squarify(values: number[], whole: Box): Box[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  const areas = values.map((value) => (value / total) * whole.width * whole.height);
  const boxes: Box[] = [];
  let free = whole;
  for (let first = 0; first < areas.length; ) {
    const side = Math.min(free.width, free.height);
    let last = first + 1;
    while (last < areas.length && worst(areas.slice(first, last + 1), side) <= worst(areas.slice(first, last), side)) last += 1;
    free = layRow(areas.slice(first, last), free, boxes);
    first = last;
  }
  return boxes;
}

function worst(row: number[], side: number): number {
  const sum = row.reduce((total, area) => total + area, 0);
  return Math.max((side * side * row[0]) / (sum * sum), (sum * sum) / (side * side * row[row.length - 1]));
}

/** Lays a row along the shorter side, and returns what is left free. */
function layRow(row: number[], free: Box, boxes: Box[]): Box {
  const sum = row.reduce((total, area) => total + area, 0);
  const upright = free.width >= free.height;
  const depth = sum / (upright ? free.height : free.width);
  let along = upright ? free.y : free.x;
  for (const area of row) {
    const length = area / depth;
    boxes.push(upright
      ? { x: free.x, y: along, width: depth, height: length }
      : { x: along, y: free.y, width: length, height: depth });
    along += length;
  }
  return upright
    ? { x: free.x + depth, y: free.y, width: free.width - depth, height: free.height }
    : { x: free.x, y: free.y + depth, width: free.width, height: free.height - depth };
}
