// The graph of needs in layers: who is wanted for itself stands left, what everything rests on stands right.
import { escape, type Package, role, size } from "./package";

const COLUMN = 250;
const ROW = 30;
const BOX_WIDTH = 176;
const BOX_HEIGHT = 23;
const SWEEPS = 12;

type Place = { x: number; y: number };

export function drawGraph(packages: Package[]): string {
  const linked = packages.filter((p) => p.needs.length + p.needed_by.length > 0);
  if (linked.length === 0) return "<p>No package needs another.</p>";
  const columns = arrange(linked);
  const rows = Math.max(...columns.map((column) => column.length));
  const places = new Map<string, Place>();
  columns.forEach((column, number) =>
    column.forEach((p, row) =>
      places.set(p.name, { x: number * COLUMN + 2, y: (row + (rows - column.length) / 2) * ROW + 4 }),
    ),
  );
  const edges = linked.flatMap((p) => p.needs.map((other) => edge(p.name, other, places)));
  const nodes = linked.map((p) => node(p, places.get(p.name)!));
  const width = (columns.length - 1) * COLUMN + BOX_WIDTH + 4;
  const height = rows * ROW + 4;
  return (
    `<svg class="graph" viewBox="0 0 ${width} ${height}" style="max-width:${width}px;min-width:${Math.min(width, 700)}px"` +
    ` role="img" aria-label="Who needs whom">\n${edges.join("\n")}\n${nodes.join("\n")}\n</svg>`
  );
}

/** One column for each layer; in it, packages stand near the mean height of those that they are linked with. */
function arrange(packages: Package[]): Package[][] {
  const columns: Package[][] = [];
  for (const p of packages) (columns[p.layer] ??= []).push(p);
  const filled = columns.filter((column) => column !== undefined);
  filled.forEach((column) => column.sort((a, b) => (a.name < b.name ? -1 : 1)));
  const height = new Map<string, number>();
  const measure = (column: Package[]): void =>
    column.forEach((p, row) => height.set(p.name, row - column.length / 2));
  filled.forEach(measure);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of sweep % 2 === 0 ? filled : [...filled].reverse()) {
      const wish = new Map(column.map((p) => [p, mean([...p.needs, ...p.needed_by], height, height.get(p.name)!)]));
      column.sort((a, b) => wish.get(a)! - wish.get(b)! || (a.name < b.name ? -1 : 1));
      measure(column);
    }
  }
  return filled;
}

function mean(names: string[], height: Map<string, number>, own: number): number {
  const heights = names.flatMap((name) => (height.has(name) ? [height.get(name)!] : []));
  return heights.length === 0 ? own : heights.reduce((sum, value) => sum + value, 0) / heights.length;
}

function edge(from: string, to: string, places: Map<string, Place>): string {
  const a = places.get(from)!;
  const b = places.get(to)!;
  const forward = b.x > a.x;
  const [x1, x2] = forward ? [a.x + BOX_WIDTH, b.x] : [a.x, b.x + BOX_WIDTH];
  const [y1, y2] = [a.y + BOX_HEIGHT / 2, b.y + BOX_HEIGHT / 2];
  const bend = forward ? Math.max((x2 - x1) / 2, 30) : -40;
  return `<path class="edge" data-from="${from}" data-to="${to}" d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}"/>`;
}

function node(p: Package, at: Place): string {
  const label = p.name.length > 24 ? `${p.name.slice(0, 23)}…` : p.name;
  return (
    `<g class="node ${role(p)}" data-name="${p.name}"><title>${escape(`${p.name} ${p.version}: ${size(p.bytes)}`)}</title>` +
    `<rect x="${at.x}" y="${at.y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="5"/>` +
    `<text x="${at.x + 9}" y="${at.y + 16}">${escape(label)}</text></g>`
  );
}
