// Turns JSON Schemas into types of one language with quicktype-core, which argv[2] names the folder of.
// Reads {"lang", "options", "types": {name: schema}} from stdin, writes the source to stdout. Reads nothing else.
// Where a type cannot be made, stderr says `refused NAME: reason`.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(pathToFileURL(`${process.argv[2]}/`)).resolve("quicktype-core");
const core = await import(pathToFileURL(found).href).then((it) => it.default ?? it);
const { getOptionValues, quicktype, InputData, JSONSchemaInput } = core;
const asked = JSON.parse(readFileSync(0, "utf8"));

// What may be missing is left out when it is written, for `null` is not what its schema says; what must be there and may
// be null stays. quicktype's own option leaves out both.
class Structs extends core.RustRenderer {
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

// The fields say what they are called in JSON where that is no name in Python, and which of them must be there as null.
class DataClasses extends core.PythonRenderer {
  emitClass(type) {
    this.emitLine("@", this.withImport("dataclasses", "dataclass"));
    this.declareType(type, () => {
      if (type.getProperties().size === 0) this.emitLine("pass");
      this.forEachClassProperty(type, "none", (name, json, property) => {
        const hasDefault = this.classPropertyHasNoneDefault(property);
        const facts = [];
        if (this.sourcelikeToString(name) !== json) facts.push(['"name": ', this.string(json)]);
        if (hasDefault && !property.isOptional) facts.push(['"required": True']);
        const said = facts.flatMap((fact, at) => (at ? [", ", ...fact] : fact));
        const given = hasDefault ? "default=None, " : "";
        if (said.length) this.withImport("dataclasses", "field as _field"); // a property may be called `field`
        const field = said.length ? [` = _field(${given}metadata={`, said, "})"] : [];
        this.emitLine(name, ": ", this.pythonType(property.type, said.length === 0), field);
        this.emitDescription(this.descriptionForClassProperty(type, json));
      });
      this.ensureBlankLine();
    });
  }
}

function language(name) {
  const [Target, Renderer, options] =
    name === "rust" ? [core.RustTargetLanguage, Structs, core.rustOptions]
    : name === "python" ? [core.PythonTargetLanguage, DataClasses, core.pythonOptions] : [];
  if (!Target) return name;
  const target = new Target();
  target.makeRenderer = (context, given) => new Renderer(target, context, getOptionValues(options, given));
  return target;
}

async function make(types) {
  const input = new JSONSchemaInput(undefined);
  for (const [name, schema] of types) await input.addSource({ name, schema: JSON.stringify(schema) });
  const data = new InputData();
  data.addInput(input);
  return quicktype({ inputData: data, lang: language(asked.lang), rendererOptions: asked.options, inferMaps: false });
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
