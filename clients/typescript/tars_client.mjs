// How an agent in JavaScript or TypeScript talks to TARS: its input, its output, what is known, and what it reports.
//
// One file without dependencies, for Node 18 and newer, Deno and Bun. `tarscli client typescript` puts it into a project.
// Everything works outside of TARS too: the input is then the file that the first argument names, or standard input; the
// output goes to standard output, logs to standard error, and reports to nobody.
//
// What is wrong with what you say is a TypeError. A report that cannot be delivered never fails the agent: it is told once
// on standard error.
import fs from "node:fs";
import path from "node:path";
import process from "node:process";

export const version = "1.0.0";

/** The first input as a value, read as JSON; `undefined` where there is none. */
export function input() {
  const data = inputBytes();
  return data === undefined ? undefined : parsed(data, "the input");
}

/** The first input as text in UTF-8; `undefined` where there is none. */
export function inputText() {
  const data = inputBytes();
  return data === undefined ? undefined : decoded(data, "the input");
}

/** The first input's bytes; `undefined` where there is none. */
export function inputBytes() {
  const given = process.env.TARS_INPUT_DATA;
  if (given !== undefined) return Buffer.from(given, "utf8");
  const paths = inputPaths();
  const argument = process.argv[2];
  if (!paths.length && process.env.TARS_MODULE === undefined && argument && isFile(argument)) paths.push(argument);
  if (paths.length) return fs.readFileSync(paths[0]);
  if (process.stdin.isTTY) return undefined;
  const data = readAll(0);
  return data.length ? data : undefined;
}

/** The paths of all inputs, files and folders; empty where there are none. */
export function inputPaths() {
  return listed("TARS_INPUTS", "TARS_INPUT");
}

/** Writes the value as JSON to the output of that number; the first goes to standard output where none is declared. */
export function output(value, index = 0) {
  outputBytes(Buffer.from(json(value, "the output", 2) + "\n", "utf8"), index);
}

/** Writes the text in UTF-8 to the output of that number. */
export function outputText(text, index = 0) {
  outputBytes(Buffer.from(text, "utf8"), index);
}

/** Writes the bytes to the output of that number. */
export function outputBytes(data, index = 0) {
  const paths = outputPaths();
  if (!Number.isInteger(index) || index < 0 || (index > 0 && index >= paths.length)) {
    throw new TypeError(`tars: there is no output number ${index}; the module declares ${paths.length}`);
  }
  if (!paths.length) return writeAll(1, data);
  fs.mkdirSync(path.dirname(paths[index]), { recursive: true });
  fs.writeFileSync(paths[index], data);
}

/** The paths to write the declared outputs to; empty where none is declared. */
export function outputPaths() {
  return listed("TARS_OUTPUTS", "TARS_OUTPUT");
}

/** What the metascript says is known: a list of objects with `type`, `labels` and `blocks`; empty outside of TARS. */
export function memory() {
  const place = process.env.TARS_MEMORY;
  return place ? parsed(fs.readFileSync(place), "the memory") : [];
}

/** Reports a belief under a name of your choice, held with a confidence of more than 0 and less than 1. */
export function belief(id, statement, confidence, relations = {}) {
  if (typeof id !== "string" || !/^[^\s\x00-\x20\x7f]{1,200}$/u.test(id)) {
    throw new TypeError("tars: the name of a belief is a text of 1 to 200 characters without blanks");
  }
  checkConfidence(confidence);
  const said = { id, statement, confidence };
  for (const name of ["evidence", "supports", "contradicts", "refines", "derived_from"]) {
    if (relations[name]?.length) said[name] = [relations[name]].flat();
  }
  report("belief", said);
}

/** Reports what the agent concluded, with a confidence between 0 and 1 and what it is about, where you know them. */
export function reflection(summary, { confidence, about } = {}) {
  const said = { summary };
  if (confidence !== undefined) {
    checkConfidence(confidence);
    said.confidence = confidence;
  }
  if (about?.length) said.about = [about].flat();
  report("reflection", said);
}

/** Reports a number under a name; the last one of a name counts. */
export function metric(name, value) {
  if (typeof name !== "string" || !name) throw new TypeError("tars: the name of a metric is a text");
  const number = typeof value === "bigint" ? exact(value, "the metric") : value;
  if (typeof number !== "number") throw new TypeError(`tars: the metric ${name} must be a number, not ${typeof value}`);
  report("metric", { [name]: number });
}

/** Reports how much is done, from 0 to 1; what lies outside counts as the nearer end. */
export function progress(fraction) {
  if (typeof fraction !== "number" || Number.isNaN(fraction)) throw new TypeError("tars: the progress must be a number");
  report("progress", Math.min(1, Math.max(0, fraction)));
}

/** Reports a line for people; outside of TARS it is written to standard error. */
export function log(message) {
  if (typeof message !== "string") throw new TypeError("tars: a log message is a text");
  if (!process.env.TARS_EVENTS) complain(message);
  report("log", message);
}

const events = { place: "", descriptor: -1 };

function report(kind, value) {
  const line = Buffer.from(json({ [kind]: value }, `the ${kind}`) + "\n", "utf8");
  const place = process.env.TARS_EVENTS;
  if (!place) return;
  try {
    if (events.place !== place) {
      events.descriptor = fs.openSync(place, "a", 0o644);
      events.place = place;
    }
    if (events.descriptor >= 0) writeAll(events.descriptor, line);
  } catch (error) {
    events.place = place;
    events.descriptor = -1;
    complain(`tars: reports are no longer delivered: ${error.message}`);
  }
}

/** JSON in well-formed Unicode. Throws for what JSON cannot hold, instead of writing `null` for it. */
function json(value, what, indent) {
  const refuse = (reason) => {
    throw new TypeError(`tars: ${what} cannot be written as JSON: ${reason}`);
  };
  const check = (key, each) => {
    if (typeof each === "number" && !Number.isFinite(each)) refuse(`${each} is no JSON number`);
    if (typeof each === "bigint") return exact(each, what);
    if (typeof each === "string") return wellFormed(each);
    return each;
  };
  let text;
  try {
    text = JSON.stringify(value, check, indent);
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith("tars: ")) throw error;
    refuse(error.message.split("\n")[0]);
  }
  return text === undefined ? refuse(`${typeof value} is no JSON value`) : wellFormed(unpaired(text));
}

/** Names of members are not seen by a replacer: JSON.stringify writes the halves of pairs in them as escapes. */
function unpaired(text) {
  return text.replace(/\\(u[dD][89a-fA-F][0-9a-fA-F]{2}|[^])/g, (whole, rest) => (rest.length > 1 ? "\ufffd" : whole));
}

/** Halves of surrogate pairs, which no encoding of Unicode holds, become U+FFFD. */
function wellFormed(text) {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

function exact(value, what) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new TypeError(`tars: ${what} cannot be written as JSON: ${value} is beyond what a JavaScript number holds`);
  }
  return number;
}

function parsed(data, what) {
  try {
    return JSON.parse(decoded(data, what));
  } catch (error) {
    throw error.message.startsWith("tars: ") ? error : new TypeError(`tars: ${what} is not JSON: ${error.message}`);
  }
}

function decoded(data, what) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    throw new TypeError(`tars: ${what} is not text in UTF-8`);
  }
}

function listed(several, one) {
  if (process.env[several]) return JSON.parse(process.env[several]);
  return process.env[one] ? [process.env[one]] : [];
}

function checkConfidence(confidence) {
  if (typeof confidence !== "number" || !(confidence > 0 && confidence < 1)) {
    throw new TypeError(`tars: a confidence is more than 0 and less than 1, not ${confidence}`);
  }
}

function isFile(place) {
  return fs.statSync(place, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Reads to the end; a terminal or pipe that has nothing yet is asked again. */
function readAll(descriptor) {
  const parts = [];
  const part = Buffer.alloc(65536);
  for (;;) {
    try {
      const count = fs.readSync(descriptor, part, 0, part.length, null);
      if (!count) return Buffer.concat(parts);
      parts.push(Buffer.from(part.subarray(0, count)));
    } catch (error) {
      if (error.code === "EOF") return Buffer.concat(parts);
      if (error.code !== "EAGAIN") throw error;
      pause();
    }
  }
}

function writeAll(descriptor, data) {
  for (let at = 0; at < data.length; ) {
    try {
      at += fs.writeSync(descriptor, data, at);
    } catch (error) {
      if (error.code !== "EAGAIN") throw error;
      pause();
    }
  }
}

function pause() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
}

function complain(message) {
  try {
    fs.writeSync(2, `${message}\n`);
  } catch {
    // Nobody listens there either.
  }
}
