// Reads all metascripts below the folders given with the grammar, and says what is coloured wrongly.
// `node test/grammar.mjs FOLDER…`; needs vscode-textmate and vscode-oniguruma.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const need = createRequire(path.join(process.env.TARS_NODE_TOOLS ?? here, "/"));
const { Registry, parseRawGrammar, INITIAL } = need("vscode-textmate");
const { loadWASM, OnigScanner, OnigString } = need("vscode-oniguruma");
await loadWASM(readFileSync(need.resolve("vscode-oniguruma/release/onig.wasm")));
const file = path.join(here, "..", "syntaxes", "tars.tmLanguage.json");
const registry = new Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new OnigScanner(patterns),
    createOnigString: (text) => new OnigString(text),
  }),
  loadGrammar: async () => parseRawGrammar(readFileSync(file, "utf8"), file),
});
const grammar = await registry.loadGrammar("source.tars");

function scopes(text) {
  const found = [];
  let state = INITIAL;
  for (const line of text.split("\n")) {
    const read = grammar.tokenizeLine(line, state);
    for (const token of read.tokens) found.push([line.slice(token.startIndex, token.endIndex), token.scopes.join(" ")]);
    state = read.ruleStack;
  }
  return { found, depth: state.depth };
}

let failures = 0;
function expect(what, holds) {
  if (!holds) {
    failures += 1;
    console.error(`not as it should be: ${what}`);
  }
}
const sample = 'python_module "rank" { # note\n  input = [local.x, upper("a${var.y}")]\n  cache = true\n  n = 3\n  t = <<EOT\nx }\nEOT\n}\n';
const { found, depth } = scopes(sample);
const has = (word, scope) => found.some(([text, names]) => text.trim() === word && names.includes(scope));
for (const [word, scope] of [
  ["python_module", "keyword.control.block"], ['"rank"', "entity.name.type.label"], ["# note", "comment.line"],
  ["input", "variable.other.property"], ["local", "support.variable"], ["upper", "support.function"],
  ["var", "support.variable"], ["true", "constant.language"], ["3", "constant.numeric"], ["x }", "string.unquoted"],
]) expect(`${word} as ${scope}`, has(word, scope));
expect("a block that ends", depth === scopes("").depth);
for (const folder of process.argv.slice(2)) {
  for (const name of readdirSync(folder, { recursive: true })) {
    if (!name.endsWith(".tars") || name.includes("node_modules") || path.basename(name) === ".tars") continue;
    const text = readFileSync(path.join(folder, name), "utf8");
    expect(`${name}: all blocks end`, scopes(text).depth === scopes("").depth);
    const blocks = [...text.matchAll(/^([a-z_]+_module) "/gm)].map((match) => match[1]);
    const coloured = scopes(text).found.filter(([, names]) => names.includes("keyword.control.block")).map(([word]) => word.trim());
    expect(`${name}: every module's block`, blocks.every((word) => coloured.includes(word)));
  }
}
process.exit(failures ? 1 : 0);
