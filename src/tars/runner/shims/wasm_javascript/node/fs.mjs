// Files and streams over WASI, for JavaScript agents that are WebAssembly components: node's `fs`, and text as bytes.
const { wasi } = globalThis.__tars;
const PIECE_BYTES = 4096; // the most that WASI takes in one blocking write
const READ_BYTES = 1 << 20;
const streams = [];
const folders = wasi.preopens.getDirectories().map(([folder, name]) => ({ folder, name: clean(name) }));

export function encode(text) {
  const bytes = new Uint8Array(text.length * 3);
  let size = 0;
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    if (code < 0x80) {
      bytes[size++] = code;
      continue;
    }
    if (code >= 0xd800 && code < 0xe000) {
      const next = text.charCodeAt(at + 1);
      const paired = code < 0xdc00 && next >= 0xdc00 && next < 0xe000;
      code = paired ? 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00) : 0xfffd;
      if (paired) at++;
    }
    if (code >= 0x10000) bytes[size++] = 0xf0 | (code >> 18);
    if (code >= 0x800) bytes[size++] = code >= 0x10000 ? 0x80 | ((code >> 12) & 63) : 0xe0 | (code >> 12);
    bytes[size++] = code >= 0x800 ? 0x80 | ((code >> 6) & 63) : 0xc0 | (code >> 6);
    bytes[size++] = 0x80 | (code & 63);
  }
  return bytes.slice(0, size);
}

export function decode(bytes) {
  const parts = [];
  let units = [];
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at++];
    const more = lead < 0x80 ? 0 : lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : -1;
    let code = more === 0 ? lead : lead & (0x3f >> more);
    let read = 0;
    while (read < more && (bytes[at] & 0xc0) === 0x80) {
      // The second byte tells overlong forms, surrogates and what is beyond Unicode.
      const [low, high] = read > 0 ? [0x80, 0xbf] : lead === 0xe0 ? [0xa0, 0xbf] : lead === 0xed ? [0x80, 0x9f]
        : lead === 0xf0 ? [0x90, 0xbf] : lead === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
      if (bytes[at] < low || bytes[at] > high) break;
      code = (code << 6) | (bytes[at++] & 63);
      read++;
    }
    if (more < 0 || read < more) code = 0xfffd;
    if (code >= 0x10000) units.push(0xd800 + ((code - 0x10000) >> 10), 0xdc00 + ((code - 0x10000) & 0x3ff));
    else units.push(code);
    if (units.length > 8192) parts.push(String.fromCharCode.apply(null, units)), (units = []);
  }
  return parts.join("") + String.fromCharCode.apply(null, units);
}

const stream = (fd) => (streams[fd] ??= [wasi.stdin.getStdin, wasi.stdout.getStdout, wasi.stderr.getStderr][fd]());

// The next piece of standard input, or null at its end.
export function readable(fd) {
  try {
    for (;;) {
      const piece = stream(fd).blockingRead(65536);
      if (piece.length > 0) return Uint8Array.from(piece);
    }
  } catch {
    return null;
  }
}

export function writeAll(fd, bytes) {
  const data = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes.buffer ?? bytes);
  for (let at = 0; at < data.length; at += PIECE_BYTES) {
    stream(fd).blockingWriteAndFlush(data.slice(at, at + PIECE_BYTES));
  }
}

function clean(path) {
  const kept = [];
  for (const part of path.split("/")) {
    if (part === ".." && kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + kept.join("/");
}

const CODES = {
  "no-entry": ["ENOENT", "no such file or directory"], exist: ["EEXIST", "file already exists"],
  access: ["EACCES", "permission denied"], "not-permitted": ["EPERM", "operation not permitted"],
  "is-directory": ["EISDIR", "illegal operation on a directory"], "not-directory": ["ENOTDIR", "not a directory"],
  "not-empty": ["ENOTEMPTY", "directory not empty"], "read-only": ["EROFS", "read-only file system"],
  "bad-descriptor": ["EBADF", "bad file descriptor"], "insufficient-space": ["ENOSPC", "no space left on device"],
  "too-many-links": ["ELOOP", "too many symbolic links"], loop: ["ELOOP", "too many symbolic links"],
};

function failure(code, call, path) {
  const [name, text] = CODES[code] ?? [`E${String(code).toUpperCase()}`, String(code)];
  return Object.assign(new Error(`${name}: ${text}, ${call} '${path}'`), { code: name, syscall: call, path, errno: -1 });
}

// Calls `act` with the granted folder that holds the path, and the path in it.
function within(call, given, act) {
  const path = clean(given?.pathname ? decodeURIComponent(given.pathname) : given instanceof Uint8Array ? decode(given) : String(given));
  let best;
  for (const { folder, name } of folders) {
    const inside = name === "" ? !path.startsWith("/") : path === name || path.startsWith(`${name}/`);
    if (inside && (!best || name.length > best.name.length)) best = { folder, name };
  }
  if (!best || path.startsWith("..")) throw failure("no-entry", call, given);
  const rest = path.slice(best.name.length).replace(/^\//, "") || ".";
  try {
    return act(best.folder, rest);
  } catch (error) {
    throw typeof error === "string" ? failure(error, call, given) : error?.payload ? failure(error.payload, call, given) : error;
  }
}

const follow = { symlinkFollow: true };
const encodingOf = (options) => (typeof options === "string" ? options : options?.encoding);
const asBytes = (data) => (typeof data === "string" ? encode(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength));

function readWhole(path) {
  const pieces = [];
  if (path === 0 || path === "/dev/stdin") {
    for (let piece; (piece = readable(0)) !== null; ) pieces.push(piece);
  } else {
    within("open", path, (folder, name) => {
      const file = folder.openAt(follow, name, {}, { read: true });
      for (let offset = 0, end = false; !end; ) {
        const [piece, last] = file.read(READ_BYTES, offset);
        pieces.push(Uint8Array.from(piece));
        offset += piece.length;
        end = last || piece.length === 0;
      }
      file[Symbol.dispose]?.();
    });
  }
  return globalThis.Buffer.concat(pieces);
}

function writeWhole(path, data, append, exclusive) {
  const bytes = asBytes(data);
  if (typeof path === "number") return writeAll(path, bytes);
  if (path === "/dev/stdout" || path === "/dev/stderr") return writeAll(path === "/dev/stdout" ? 1 : 2, bytes);
  within("open", path, (folder, name) => {
    const file = folder.openAt(follow, name, { create: true, truncate: !append, exclusive }, { write: true });
    let offset = append ? folder.statAt(follow, name).size : 0;
    for (let at = 0; at < bytes.length; ) {
      const wrote = file.write(bytes.slice(at, at + READ_BYTES), offset);
      at += wrote;
      offset += wrote;
    }
    file[Symbol.dispose]?.();
  });
}

const flagOf = (options) => options?.flag ?? "w";

export function readFileSync(path, options) {
  const content = readWhole(path);
  const encoding = encodingOf(options);
  return encoding ? content.toString(encoding) : content;
}
export const writeFileSync = (path, data, options) =>
  writeWhole(path, data, flagOf(options).startsWith("a"), flagOf(options).includes("x"));
export const appendFileSync = (path, data) => writeWhole(path, data, true, false);
export const writeSync = (fd, data) => (writeWhole(fd, data), asBytes(data).length);

export function statSync(path, options) {
  let found;
  try {
    found = within("stat", path, (folder, name) => folder.statAt(follow, name));
  } catch (error) {
    if (options?.throwIfNoEntry === false && error.code === "ENOENT") return undefined;
    throw error;
  }
  const changed = found.dataModificationTimestamp;
  const mtimeMs = changed ? changed.seconds * 1000 + changed.nanoseconds / 1e6 : 0;
  return {
    size: found.size, mtimeMs, mtime: new Date(mtimeMs),
    isFile: () => found.type === "regular-file", isDirectory: () => found.type === "directory",
    isSymbolicLink: () => found.type === "symbolic-link",
  };
}
export const lstatSync = statSync;

export function existsSync(path) {
  try {
    return Boolean(statSync(path));
  } catch {
    return false;
  }
}
export function accessSync(path) {
  statSync(path);
}

export function readdirSync(path, options) {
  const entries = within("scandir", path, (folder, name) => {
    const opened = folder.openAt(follow, name, { directory: true }, { read: true });
    const listing = opened.readDirectory();
    const found = [];
    for (let entry; (entry = listing.readDirectoryEntry()); ) found.push(entry);
    listing[Symbol.dispose]?.();
    opened[Symbol.dispose]?.();
    return found;
  });
  entries.sort((one, other) => (one.name < other.name ? -1 : 1));
  if (!options?.withFileTypes) return entries.map((entry) => entry.name);
  return entries.map(({ name, type }) => ({
    name, parentPath: path, isFile: () => type === "regular-file", isDirectory: () => type === "directory",
    isSymbolicLink: () => type === "symbolic-link",
  }));
}

export function mkdirSync(path, options) {
  const make = (one) => within("mkdir", one, (folder, name) => folder.createDirectoryAt(name));
  if (!options?.recursive) return void make(path);
  if (existsSync(path)) return undefined;
  const parent = clean(String(path)).replace(/\/?[^/]*$/, "");
  if (parent && parent !== path) mkdirSync(parent, options);
  make(path);
  return path;
}

export const unlinkSync = (path) => within("unlink", path, (folder, name) => folder.unlinkFileAt(name));
export const rmdirSync = (path) => within("rmdir", path, (folder, name) => folder.removeDirectoryAt(name));
export function rmSync(path, options) {
  if (options?.force && !existsSync(path)) return;
  if (!statSync(path).isDirectory()) return unlinkSync(path);
  if (!options?.recursive) throw failure("is-directory", "rm", path);
  for (const name of readdirSync(path)) rmSync(`${path}/${name}`, options);
  rmdirSync(path);
}
export const copyFileSync = (from, to) => writeFileSync(to, readFileSync(from));
export const renameSync = (from, to) =>
  within("rename", from, (folder, name) => within("rename", to, (target, other) => folder.renameAt(name, target, other)));
export const realpathSync = (path) => (statSync(path), String(path));

const all = {
  readFileSync, writeFileSync, appendFileSync, writeSync, statSync, lstatSync, existsSync, accessSync, readdirSync,
  mkdirSync, unlinkSync, rmdirSync, rmSync, copyFileSync, renameSync, realpathSync,
};
export const promises = Object.fromEntries(
  Object.entries(all).map(([name, act]) => [name.replace(/Sync$/, ""), async (...given) => act(...given)]),
);
const called = (name) => (...given) => {
  const done = given.pop();
  promises[name](...given).then((value) => done(null, value), (error) => done(error));
};
export const readFile = called("readFile");
export const writeFile = called("writeFile");
export default { ...all, promises, readFile, writeFile, constants: { F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1 } };
