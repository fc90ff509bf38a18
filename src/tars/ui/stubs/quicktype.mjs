// Turns JSON Schemas into types of one language with quicktype-core, which argv[2] names the folder of.
// Reads {"lang", "options", "types": {name: schema}} from stdin, writes the source to stdout. Reads nothing else.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(pathToFileURL(`${process.argv[2]}/`)).resolve("quicktype-core");
const { quicktype, InputData, JSONSchemaInput } = await import(pathToFileURL(found).href).then((it) => it.default ?? it);
const asked = JSON.parse(readFileSync(0, "utf8"));
const input = new JSONSchemaInput(undefined);
for (const [name, schema] of Object.entries(asked.types)) await input.addSource({ name, schema: JSON.stringify(schema) });
const data = new InputData();
data.addInput(input);
const made = await quicktype({ inputData: data, lang: asked.lang, rendererOptions: asked.options, inferMaps: false });
process.stdout.write(made.lines.join("\n"));
