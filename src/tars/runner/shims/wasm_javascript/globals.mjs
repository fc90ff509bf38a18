// What agents use of node beside files, over WASI: process, console, Buffer, text, events.
import { decode, encode, readable, writeAll } from "./node/fs.mjs";

const { wasi, pumps, jobs, now, stop } = globalThis.__tars;
const began = now();

export class TextEncoder {
  encoding = "utf-8";
  encode(text = "") {
    return encode(String(text));
  }
}

export class TextDecoder {
  #fatal;
  encoding = "utf-8";
  constructor(label = "utf-8", { fatal = false } = {}) {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`WASM agents decode UTF-8 only, not ${label}`);
    this.#fatal = fatal;
  }
  decode(data = new Uint8Array()) {
    const bytes = ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
    const text = decode(bytes);
    if (this.#fatal && text.includes("\ufffd")) throw new TypeError("The encoded data was not valid UTF-8");
    return text.startsWith("\ufeff") ? text.slice(1) : text;
  }
}

const HEX = "0123456789abcdef";

export class Buffer extends Uint8Array {
  static from(value, encoding = "utf8", length) {
    if (typeof value === "string") {
      const kind = encoding.toLowerCase();
      if (kind === "hex") return new Buffer(value.match(/../g)?.map((pair) => parseInt(pair, 16)) ?? []);
      const raw = kind.startsWith("base64") ? atob(value.replace(/-/g, "+").replace(/_/g, "/").replace(/=+$/, "")) : value;
      const byte = kind.startsWith("base64") || ["latin1", "binary", "ascii"].includes(kind);
      return new Buffer(byte ? Uint8Array.from(raw, (mark) => mark.charCodeAt(0)) : encode(raw));
    }
    if (value instanceof ArrayBuffer) return new Buffer(value, typeof encoding === "number" ? encoding : 0, length);
    return new Buffer(value);
  }
  static alloc(size, fill = 0) {
    return new Buffer(size).fill(fill);
  }
  static isBuffer(value) {
    return value instanceof Buffer;
  }
  static byteLength(value) {
    return typeof value === "string" ? encode(value).length : value.byteLength;
  }
  static concat(parts) {
    const whole = new Buffer(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
  toString(encoding = "utf8", start = 0, end = this.length) {
    const bytes = this.subarray(start, end);
    const kind = encoding.toLowerCase();
    if (kind === "hex") return Array.from(bytes, (byte) => HEX[byte >> 4] + HEX[byte & 15]).join("");
    if (kind.startsWith("utf")) return decode(bytes);
    const raw = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    if (!kind.startsWith("base64")) return raw;
    const text = btoa(raw);
    return kind === "base64url" ? text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : text;
  }
  toJSON() {
    return { type: "Buffer", data: Array.from(this) };
  }
  equals(other) {
    return this.length === other.length && this.every((byte, index) => byte === other[index]);
  }
}

export class EventEmitter {
  #heard = new Map();
  on(name, act) {
    this.#heard.set(name, [...(this.#heard.get(name) ?? []), act]);
    return this;
  }
  once(name, act) {
    const once = (...given) => (this.off(name, once), act.apply(this, given));
    return this.on(name, once);
  }
  off(name, act) {
    this.#heard.set(name, (this.#heard.get(name) ?? []).filter((one) => one !== act));
    return this;
  }
  emit(name, ...given) {
    const acts = this.#heard.get(name) ?? [];
    if (name === "error" && acts.length === 0) throw given[0];
    for (const act of acts) act.apply(this, given);
    return acts.length > 0;
  }
  listenerCount(name) {
    return (this.#heard.get(name) ?? []).length;
  }
}
Object.assign(EventEmitter.prototype, { addListener: EventEmitter.prototype.on, removeListener: EventEmitter.prototype.off });

// Standard input, read when someone listens: whole pieces, as they come.
class Input extends EventEmitter {
  fd = 0;
  isTTY = false;
  #ended = false;
  #encoding;
  #rest = new Uint8Array();
  constructor() {
    super();
    pumps.push({ wanted: () => !this.#ended && (this.listenerCount("data") > 0 || this.listenerCount("end") > 0), step: () => this.#step() });
  }
  #step() {
    const piece = readable(0);
    this.#ended = piece === null;
    if (this.#ended) {
      if (this.#rest.length > 0) this.emit("data", decode(this.#rest));
      this.emit("end");
      this.emit("close");
      return;
    }
    if (this.#encoding === undefined) return void this.emit("data", Buffer.from(piece));
    const bytes = Buffer.concat([this.#rest, piece]);
    let end = bytes.length;
    for (let back = 1; back <= 3 && back <= end; back++) {
      const byte = bytes[end - back];
      if (byte >= 0xc0) {
        if (back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)) end -= back;
        break;
      }
      if (byte < 0x80) break;
    }
    this.#rest = bytes.subarray(end);
    if (end > 0) this.emit("data", decode(bytes.subarray(0, end)));
  }
  setEncoding(encoding) {
    this.#encoding = encoding;
    return this;
  }
  pipe(target) {
    this.on("data", (data) => target.write(data));
    this.on("end", () => target.end?.());
    return target;
  }
  resume() {
    return this.on("data", () => {});
  }
  unref() {
    return this;
  }
  async *[Symbol.asyncIterator]() {
    const pieces = [];
    let ended = false;
    let wake = () => {};
    this.on("data", (piece) => (pieces.push(piece), wake()));
    this.on("end", () => ((ended = true), wake()));
    for (;;) {
      while (pieces.length > 0) yield pieces.shift();
      if (ended) return;
      await new Promise((resolve) => (wake = resolve));
    }
  }
}

class Output extends EventEmitter {
  isTTY = false;
  columns = 80;
  constructor(fd) {
    super();
    this.fd = fd;
  }
  write(data, encoding, done) {
    writeAll(this.fd, typeof data === "string" ? encode(data) : data);
    const then = typeof encoding === "function" ? encoding : done;
    if (then) jobs.push(then);
    return true;
  }
  end(data, ...more) {
    if (data !== undefined) this.write(data, ...more);
  }
}

const environment = Object.fromEntries(wasi.environment.getEnvironment());
const folders = wasi.preopens.getDirectories().map(([, name]) => name);

export const process = Object.assign(new EventEmitter(), {
  argv: ["node", ...wasi.environment.getArguments()],
  env: environment,
  stdin: new Input(),
  stdout: new Output(1),
  stderr: new Output(2),
  platform: "wasi",
  arch: "wasm32",
  pid: 1,
  version: "v20.0.0",
  versions: { node: "20.0.0" },
  exitCode: undefined,
  cwd: () => folders.find((name) => name.startsWith("/")) ?? "/",
  exit(code = process.exitCode ?? 0) {
    process.exitCode = code;
    if (!process.ended) {
      process.ended = true;
      process.emit("exit", Number(process.exitCode));
    }
    stop(Number(process.exitCode));
  },
  nextTick: (act, ...given) => void jobs.push(() => act(...given)),
  uptime: () => (now() - began) / 1000,
  hrtime: Object.assign(
    () => [Math.floor(now() / 1000), Math.floor((now() % 1000) * 1e6)],
    { bigint: () => BigInt(Math.floor(now() * 1e6)) },
  ),
  memoryUsage: () => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }),
  emitWarning: (text) => process.stderr.write(`(node) Warning: ${text}\n`),
});

// Values as node shows them: on one line where that is short.
export function inspect(value, { depth = 2 } = {}, seen = []) {
  if (typeof value === "string") return `'${value.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/'/g, "\\'")}'`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return value.name ? `[Function: ${value.name}]` : "[Function (anonymous)]";
  if (Object.is(value, -0)) return "-0";
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Error) return shown(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (seen.includes(value)) return "[Circular *1]";
  const kind = value.constructor?.name ?? "[Object: null prototype]";
  const listed = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  if (seen.length > depth) return listed ? "[Array]" : `[${kind}]`;
  const inner = (one) => inspect(one, { depth }, [...seen, value]);
  const name = (key) => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : inspect(key));
  let parts;
  let title = "";
  if (listed) {
    const items = Array.from(value);
    parts = items.slice(0, 100).map(inner);
    if (items.length > 100) parts.push(`... ${items.length - 100} more item${items.length > 101 ? "s" : ""}`);
    title = Array.isArray(value) ? "" : `${kind}(${items.length}) `;
  } else if (value instanceof Map) {
    parts = [...value].map(([key, one]) => `${inner(key)} => ${inner(one)}`);
    title = `Map(${value.size}) `;
  } else if (value instanceof Set) {
    parts = [...value].map(inner);
    title = `Set(${value.size}) `;
  } else {
    parts = Object.entries(value).map(([key, one]) => `${name(key)}: ${inner(one)}`);
    title = kind === "Object" ? "" : `${kind} `;
  }
  const [open, close] = listed ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return `${title}${open}${close}`;
  const line = `${title}${open} ${parts.join(", ")} ${close}`;
  if (line.length <= 76 && !line.includes("\n")) return line;
  return `${title}${open}\n${parts.map((part) => `  ${part.replace(/\n/g, "\n  ")}`).join(",\n")}\n${close}`;
}

export function format(...given) {
  let first = "";
  if (typeof given[0] === "string") {
    first = given.shift().replace(/%([sdifjoO%])/g, (mark, kind) => {
      if (kind === "%") return "%";
      if (given.length === 0) return mark;
      const value = given.shift();
      if (kind === "s") return typeof value === "string" ? value : inspect(value, { depth: 0 });
      if (kind === "j") return JSON.stringify(value);
      if (kind === "d") return String(Number(value));
      if (kind === "i") return String(parseInt(value, 10));
      return kind === "f" ? String(parseFloat(value)) : inspect(value);
    });
    if (given.length > 0) first += " ";
  }
  return first + given.map((one) => (typeof one === "string" ? one : inspect(one))).join(" ");
}

function shown(error) {
  if (!(error instanceof Error)) return `Uncaught ${inspect(error)}`;
  const title = `${error.name}: ${error.message}`;
  const cause = error.cause === undefined ? "" : `\n[cause]: ${inspect(error.cause)}`;
  return `${title}\n${(error.stack ?? "").trimEnd()}${cause}`.trimEnd();
}

const say = (output) => (...given) => void output.write(format(...given) + "\n");
const timed = new Map();
export const console = {
  log: say(process.stdout),
  info: say(process.stdout),
  debug: say(process.stdout),
  dir: (value) => say(process.stdout)(value),
  error: say(process.stderr),
  warn: say(process.stderr),
  trace: say(process.stderr),
  assert: (holds, ...given) => void (holds || console.error("Assertion failed:", ...given)),
  time: (label = "default") => void timed.set(label, now()),
  timeEnd: (label = "default") => console.log(`${label}: ${(now() - (timed.get(label) ?? now())).toFixed(3)}ms`),
};

const copy = (value, seen = new Map()) => {
  if (value === null || typeof value !== "object") return value;
  if (seen.has(value)) return seen.get(value);
  if (value instanceof Date) return new Date(value);
  if (ArrayBuffer.isView(value)) return value.slice();
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [copy(key, seen), copy(one, seen)]));
  if (value instanceof Set) return new Set([...value].map((one) => copy(one, seen)));
  const made = Array.isArray(value) ? [] : {};
  seen.set(value, made);
  for (const [key, one] of Object.entries(value)) made[key] = copy(one, seen);
  return made;
};

const bytes = (size) => Buffer.from(wasi.random.getRandomBytes(size));
export function randomUUID() {
  const drawn = bytes(16);
  drawn[6] = (drawn[6] & 0x0f) | 0x40;
  drawn[8] = (drawn[8] & 0x3f) | 0x80;
  return drawn.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
export const randomBytes = bytes;

globalThis.__tars.report = (error) => process.stderr.write(shown(error) + "\n");
Object.assign(globalThis, {
  process, console, Buffer, TextEncoder, TextDecoder, structuredClone: (value) => copy(value), global: globalThis,
  crypto: { randomUUID, getRandomValues: (into) => (into.set(bytes(into.length)), into) },
});
