// Runs one candidate in JavaScript: a request comes as a JSON line on stdin, the answer goes to stdout.
import { readFileSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const request = JSON.parse(readFileSync(0, "utf8"));
const began = performance.now();
const say = (found) => {
  const text = Buffer.from(JSON.stringify({ id: request.id, seconds: (performance.now() - began) / 1000, ...found }) + "\n");
  for (let at = 0; at < text.length; ) at += writeSync(1, text, at);
};
let state = request.seed >>> 0 || 1;
Math.random = () => {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
};
const timer = setTimeout(() => {}, request.seconds * 1000);
try {
  const text = "data:text/javascript;base64," + Buffer.from(request.source).toString("base64");
  const candidate = await import(request.start ? pathToFileURL(request.start).href : text);
  const entry = candidate[request.entry] ?? candidate.default?.[request.entry] ?? candidate.default;
  if (typeof entry !== "function") throw new Error(`there is no exported function \`${request.entry}\``);
  const answers = [];
  for (const call of request.calls) answers.push((await entry(...call)) ?? null);
  say({ answers });
} catch (error) {
  say({ fault: "error", text: String(error).slice(0, 400) });
}
clearTimeout(timer);
process.exit(0);
