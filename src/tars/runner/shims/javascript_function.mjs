// Calls one function of a JavaScript file: JSON in, JSON out. Run as `node javascript_function.mjs FILE FUNCTION`.
// It uses only what node, deno and bun have in common.
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

function stop(message) {
  process.stderr.write(`tars: ${message}\n`);
  process.exit(1);
}

function parsed(content, name) {
  const text = content.toString("utf8");
  try {
    return JSON.parse(text);
  } catch (error) {
    if (name.endsWith(".json")) stop(`the input ${name} is not JSON: ${error.message}`);
    return text;
  }
}

// The inputs as values: JSON where it is JSON, else text; a folder is its path.
function inputs() {
  const { TARS_INPUT, TARS_INPUTS } = process.env;
  const paths = TARS_INPUTS ? JSON.parse(TARS_INPUTS) : TARS_INPUT ? [TARS_INPUT] : [];
  if (paths.length > 0) {
    return paths.map((name) => (fs.statSync(name).isDirectory() ? name : parsed(fs.readFileSync(name), name)));
  }
  if (process.stdin.isTTY) return [];
  let content;
  try {
    content = fs.readFileSync(0);
  } catch {
    return [];
  }
  return content.length > 0 ? [parsed(content, "stdin")] : [];
}

function asBytes(result, mustBeJson) {
  if (result instanceof Uint8Array) return result;
  if (typeof result === "string" && !mustBeJson) return result;
  const text = JSON.stringify(result, null, 2);
  if (text === undefined) stop(`the function's result (${typeof result}) cannot be written as JSON`);
  return text + "\n";
}

// A value is written to the declared output unless the function wrote that itself; else it goes to stdout.
function deliver(result) {
  if (result === undefined) return;
  const output = process.env.TARS_OUTPUT;
  if (output && !fs.existsSync(output)) {
    fs.mkdirSync(path.dirname(output), { recursive: true });
    fs.writeFileSync(output, asBytes(result, output.endsWith(".json")));
  } else {
    process.stdout.write(asBytes(result, false));
  }
}

const [file, name] = process.argv.splice(2, 2);
const loaded = await import(pathToFileURL(path.resolve(file)).href);
const found = (holder) => name.split(".").reduce((value, part) => value?.[part], holder);
const call = found(loaded) ?? found(loaded.default);
if (typeof call !== "function") {
  stop(`\`${file}\` exports no function \`${name}\`; write \`export\` in front of it`);
}
const given = inputs();
if (call.length > given.length) {
  stop(`\`${name}\` needs ${call.length} argument(s), but the module has ${given.length} input(s); add \`input = ...\``);
}
const all = call.length === 1 && given.length > 1 ? [given] : given;
deliver(await call(...all));
