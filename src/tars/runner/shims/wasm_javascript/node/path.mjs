// node:path, as on POSIX
import { process } from "../globals.mjs";
export const sep = "/";
export const delimiter = ":";
export const isAbsolute = (path) => path.startsWith("/");
export function normalize(path) {
  const absolute = path.startsWith("/");
  const kept = [];
  for (const part of path.split("/")) {
    if (part === ".." && kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (part === ".." ? !absolute : part !== "" && part !== ".") kept.push(part);
  }
  const text = kept.join("/") + (path.endsWith("/") && kept.length > 0 ? "/" : "");
  return absolute ? `/${text}` : text || (path.endsWith("/") && path ? "./" : ".");
}
export const join = (...parts) => normalize(parts.filter(Boolean).join("/"));
export function resolve(...parts) {
  let whole = "";
  for (const part of [process.cwd(), ...parts]) if (part) whole = isAbsolute(part) ? part : `${whole}/${part}`;
  const path = normalize(whole);
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}
export function dirname(path) {
  const at = path.replace(/\/+$/, "").lastIndexOf("/");
  return at < 0 ? "." : path.slice(0, at) || "/";
}
export function basename(path, suffix = "") {
  const name = path.replace(/\/+$/, "").split("/").at(-1);
  return suffix && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
export function extname(path) {
  const name = basename(path);
  const at = name.lastIndexOf(".");
  return at <= 0 ? "" : name.slice(at);
}
export function parse(path) {
  const root = isAbsolute(path) ? "/" : "";
  const base = basename(path);
  const ext = extname(path);
  const dir = path.includes("/") ? dirname(path) : "";
  return { root, dir, base, ext, name: ext ? base.slice(0, -ext.length) : base };
}
export const format = ({ dir, root = "", base, name = "", ext = "" }) => {
  const file = base ?? name + ext;
  return dir ? (dir === root ? dir + file : `${dir}/${file}`) : root + file;
};
export function relative(from, to) {
  const [here, there] = [from, to].map((path) => resolve(path).split("/").filter(Boolean));
  let same = 0;
  while (same < here.length && here[same] === there[same]) same++;
  return [...here.slice(same).map(() => ".."), ...there.slice(same)].join("/");
}
const path = {
  sep, delimiter, isAbsolute, normalize, join, resolve, dirname, basename, extname, parse, format, relative,
};
export const posix = path;
export default { ...path, posix };
