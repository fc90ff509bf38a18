// What the analysis says of each package, and how sizes and roles are put in words.
export type Package = {
  name: string;
  version: string;
  bytes: number;
  files: number;
  bytes_with_needs: number;
  count_with_needs: number;
  layer: number;
  needs: string[];
  needed_by: string[];
};

export type Analysis = { bytes: number; cycles: string[][]; packages: Package[] };

// Wanted for itself, needed on the way, or needing nothing more.
export type Role = "asked" | "between" | "leaf";

export const role = (p: Package): Role =>
  p.needed_by.length === 0 ? "asked" : p.needs.length > 0 ? "between" : "leaf";

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ["kB", "MB", "GB"];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export const escape = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);

// A stump of a name tells nothing: under six letters it is left out.
export const clip = (text: string, letters: number): string =>
  text.length <= letters ? text : letters < 6 ? "" : `${text.slice(0, letters - 1)}…`;
