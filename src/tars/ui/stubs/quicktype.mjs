// Turns JSON Schemas into types of one language with quicktype-core, which argv[2] names the folder of.
// Reads {"lang", "options", "types": {name: schema}} from stdin, writes the source to stdout. Reads nothing else.
// Where a type cannot be made, stderr says `refused NAME: reason`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(pathToFileURL(`${process.argv[2]}/`)).resolve("quicktype-core");
const core = await import(pathToFileURL(found).href).then((it) => it.default ?? it);
const { getOptionValues, quicktype, InputData, JSONSchemaInput, RustRenderer, rustOptions, RustTargetLanguage } = core;
const asked = JSON.parse(readFileSync(0, "utf8"));

// What may be missing is left out when it is written, for `null` is not what its schema says; what must be there and may
// be null stays. quicktype's own option leaves out both.
class Renderer extends RustRenderer {
  forEachClassProperty(type, blank, emit) {
    super.forEachClassProperty(type, blank, (name, json, property, position) => {
      this.isOptional = property.isOptional;
      emit(name, json, property, position);
    });
  }

  emitSkipSerializeNone() {
    if (this.isOptional) this.emitLine('#[serde(skip_serializing_if = "Option::is_none")]');
  }
}

class Rust extends RustTargetLanguage {
  makeRenderer(context, options) {
    return new Renderer(this, context, getOptionValues(rustOptions, options));
  }
}


async function make(types) {
  const input = new JSONSchemaInput(undefined);
  for (const [name, schema] of types) await input.addSource({ name, schema: JSON.stringify(schema) });
  const data = new InputData();
  data.addInput(input);
  return quicktype({ inputData: data, lang: asked.lang === "rust" ? new Rust() : asked.lang, rendererOptions: asked.options, inferMaps: false });
}

const types = Object.entries(asked.types);
try {
  process.stdout.write((await make(types)).lines.join("\n"));
} catch (error) {
  // Which type it is shows where each is made alone.
  let name = "";
  for (const one of types) name ||= await make([one]).then(() => "", () => one[0]);
  process.stderr.write(`refused ${name}: ${error.message.replaceAll("\n", " ")}\n`);
  process.exitCode = 1;
}
