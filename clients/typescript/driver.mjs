// Makes the calls of one test vector: `node driver.mjs`, with CALLS and RESULTS naming files (see ../vectors).
import fs from "node:fs";
import process from "node:process";

import * as tars from "./tars_client.mjs";

function argument(given) {
  if (Array.isArray(given)) return given.map(argument);
  if (given === null || typeof given !== "object") return given;
  if (given.$number) return Number(given.$number);
  if (given.$big) return BigInt(given.$big);
  if (given.$repeat) return given.$repeat[0].repeat(given.$repeat[1]);
  if (given.$half === "log") return "a\ud800b\ud83d\ude00";
  if (given.$half) return { "a\udfff": ["\udc00b", "\ud800\ud800", "\ud83d\ude00"] };
  return Object.fromEntries(Object.entries(given).map(([name, each]) => [name, argument(each)]));
}

const results = [];
for (const each of JSON.parse(fs.readFileSync(process.env.CALLS, "utf8"))) {
  const name = each.call.replace(/_./g, (found) => found[1].toUpperCase());
  try {
    results.push({ value: tars[name](...argument(each.args)) ?? null });
  } catch (error) {
    results.push({ refused: error.message });
  }
}
fs.writeFileSync(process.env.RESULTS, JSON.stringify(results));
