// Lets node find TypeScript files that are imported without their ending, or as the `.js` that they would become.
import { existsSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

const ENDINGS = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];
const isFile = (url) => existsSync(url) && statSync(url).isFile();

function found(specifier, parent) {
  const url = new URL(specifier, parent);
  if (url.protocol !== "file:" || isFile(fileURLToPath(url))) return specifier;
  const asTypes = specifier.replace(/\.([cm]?)js$/, ".$1ts");
  const candidates = [...(asTypes === specifier ? [] : [asTypes]), ...ENDINGS.map((ending) => specifier + ending)];
  return candidates.find((one) => isFile(fileURLToPath(new URL(one, parent)))) ?? specifier;
}

registerHooks({
  resolve(specifier, context, next) {
    const isLocal = /^\.{1,2}(\/|$)/.test(specifier) && context.parentURL?.startsWith("file:");
    return next(isLocal ? found(specifier, context.parentURL) : specifier, context);
  },
});
