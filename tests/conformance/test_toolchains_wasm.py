"""The same source runs natively and as WebAssembly: data in, data out, arguments, environment and events are equal."""

import json
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest

from tars.core.errors import InputError
from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building.sources import source_of
from tars.runner.events import Options, RunFinished
from tars.runner.run import run
from tars.runner.toolchain import TOOLCHAINS

PYTHON = """
import csv, json, os, sys
from helper import SCALE

with open(os.environ["TARS_INPUT"], encoding="utf-8") as file:
    total = sum(json.load(file)) * SCALE
with open(os.environ["TARS_OUTPUT"], "w", encoding="utf-8") as file:
    json.dump({"total": total, "arguments": sys.argv[1:], "word": os.environ["WORD"]}, file)
with open(os.environ["TARS_EVENTS"], "a", encoding="utf-8") as file:
    file.write(json.dumps({"metric": {"total": total}}) + "\\n" + json.dumps({"progress": 0.5}) + "\\n")
print("said é")
"""
JAVASCRIPT = """
import { appendFileSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { SCALE } from "./helper.mjs";

const total = JSON.parse(readFileSync(process.env.TARS_INPUT, "utf8")).reduce((sum, one) => sum + one, 0) * SCALE;
const made = { total, arguments: process.argv.slice(2), word: process.env.WORD };
await writeFile(process.env.TARS_OUTPUT, JSON.stringify(made));
const events = [{ metric: { total } }, { progress: 0.5 }];
appendFileSync(process.env.TARS_EVENTS, events.map((one) => JSON.stringify(one) + "\\n").join(""));
await new Promise((resolve) => setTimeout(resolve, 5));
console.log("said é");
"""
TYPESCRIPT = JAVASCRIPT.replace("(sum, one)", "(sum: number, one: number)")
GO = """
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	data, err := os.ReadFile(os.Getenv("TARS_INPUT"))
	if err != nil {
		panic(err)
	}
	var numbers []int
	if err := json.Unmarshal(data, &numbers); err != nil {
		panic(err)
	}
	total := 0
	for _, number := range numbers {
		total += number * 10
	}
	made, _ := json.Marshal(map[string]any{"total": total, "arguments": os.Args[1:], "word": os.Getenv("WORD")})
	if err := os.WriteFile(os.Getenv("TARS_OUTPUT"), made, 0o644); err != nil {
		panic(err)
	}
	events, err := os.OpenFile(os.Getenv("TARS_EVENTS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(events, "{\\"metric\\": {\\"total\\": %d}}\\n{\\"progress\\": 0.5}\\n", total)
	fmt.Println("said é")
}
"""
RUST = """
use std::io::Write;

fn main() {
    let env = |name: &str| std::env::var(name).unwrap();
    let text = std::fs::read_to_string(env("TARS_INPUT")).unwrap();
    let numbers = text.trim().trim_matches(|mark| mark == '[' || mark == ']');
    let total: i64 = numbers.split(',').map(|one| one.trim().parse::<i64>().unwrap()).sum::<i64>() * 10;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let made = format!("{{\\"total\\": {total}, \\"arguments\\": {arguments:?}, \\"word\\": {:?}}}", env("WORD"));
    std::fs::write(env("TARS_OUTPUT"), made).unwrap();
    let mut events = std::fs::OpenOptions::new().append(true).create(true).open(env("TARS_EVENTS")).unwrap();
    writeln!(events, "{{\\"metric\\": {{\\"total\\": {total}}}}}\\n{{\\"progress\\": 0.5}}").unwrap();
    println!("said é");
}
"""
C = """
#include <stdio.h>
#include <stdlib.h>
#include "helper.h"

int main(int count, char **arguments) {
    FILE *input = fopen(getenv("TARS_INPUT"), "r"), *output = fopen(getenv("TARS_OUTPUT"), "w");
    FILE *events = fopen(getenv("TARS_EVENTS"), "a");
    if (!input || !output || !events) return 1;
    int total = 0, number;
    if (fscanf(input, " [") != 0) return 1;
    while (fscanf(input, " %d", &number) == 1) {
        total += number * SCALE;
        if (fscanf(input, " ,") != 0) return 1;
    }
    fprintf(output, "{\\"total\\": %d, \\"arguments\\": [\\"%s\\"],", total, arguments[count - 1]);
    fprintf(output, "\\"word\\": \\"%s\\"}", getenv("WORD"));
    fprintf(events, "{\\"metric\\": {\\"total\\": %d}}\\n{\\"progress\\": 0.5}\\n", total);
    puts("said é");
    return fclose(output) || fclose(events);
}
"""
SLOW = pytest.mark.slow
AGENTS = {
    "rust": ({"agent.rs": RUST}, "agent.rs"),
    "javascript": ({"agent.mjs": JAVASCRIPT, "helper.mjs": "export const SCALE = 10;\n"}, "agent.mjs"),
    "typescript": ({"agent.ts": TYPESCRIPT, "helper.mjs": "export const SCALE = 10;\n"}, "agent.ts"),
    "go": ({"agent.go": GO}, "agent.go"),
    "python": ({"agent.py": PYTHON, "helper.py": "SCALE = 10\n"}, "agent.py"),
    "c": ({"agent.c": C, "helper.h": "#define SCALE 10\n"}, "agent.c"),
}


def both_ways(
    project: Path, language: str, files: dict[str, str], source: str, more: str = "", *, target: str = "wasm"
) -> list[dict[str, Any]]:
    """The records of the module run natively and as WASM; skips the test where a tool is missing here."""
    (project / "agents").mkdir()
    (project / "data").mkdir()
    (project / "data" / "in.json").write_text("[1, 2, 39]\n")
    for name, text in files.items():
        (project / "agents" / name).write_text(text.lstrip("\n"), encoding="utf-8")
    common = f'  source = "agents/{source}"\n  language = "{language}"\n  input = "data/in.json"\n{more}'
    blocks = [
        f'agent_module "native" {{\n{common}  output = "output/native.json"\n}}\n',
        f'agent_module "wasm" {{\n{common}  output = "output/wasm.json"\n  target = "{target}"\n}}\n',
    ]
    (project / "main.tars").write_text('settings {\n  sandbox = "none"\n}\n' + "".join(blocks))
    *events, end = run(Options(project / "main.tars", project, keep_going=True), Flag())
    assert isinstance(end, RunFinished)
    records = [json.loads(path.read_text()) for path in (project / "output" / "logs").glob("module_run_*.json")]
    missing = [record["error"] for record in records if record["status"] == "unavailable"]
    missing += [str(event) for event in events if "not found (needed by" in str(event)]
    if missing:
        pytest.skip(missing[0])
    return sorted(records, key=lambda record: record["module"])


@pytest.mark.parametrize("language", [name if name == "rust" else pytest.param(name, marks=SLOW) for name in AGENTS])
def test_a_module_runs_unchanged_as_wasm(language: str, tmp_path: Path) -> None:
    files, source = AGENTS[language]
    native, wasm = both_ways(tmp_path, language, files, source, '  args = ["x é"]\n  env = { WORD = "ünï" }\n')
    for record in (native, wasm):
        assert record["status"] == "succeeded", record
        assert record["stdout"] == "said é\n"
        assert record["metrics"] == {"total": 420}
        made = json.loads((tmp_path / record["output_file"]).read_text(encoding="utf-8"))
        assert made == {"total": 420, "arguments": ["x é"], "word": "ünï"}
    assert native["events"] == wasm["events"]
    assert (wasm["artifact"] or "").endswith(".wasm")


def test_rust_becomes_a_component_where_that_is_asked_for(tmp_path: Path) -> None:
    files, source = AGENTS["rust"]
    more = '  args = ["x"]\n  env = { WORD = "w" }\n'
    native, wasm = both_ways(tmp_path, "rust", files, source, more, target="wasip2")
    assert native["metrics"] == wasm["metrics"] == {"total": 420}
    head = next((tmp_path / ".tars" / "cache" / "build").glob("*/agent.wasm")).read_bytes()[:8]
    assert head == b"\0asm\x0d\0\1\0", "a component, not a core module"


FUNCTION = "export async function sum(numbers) {\n  await null;\n  return { sum: numbers.length };\n}\n"


@pytest.mark.slow
def test_a_function_and_an_output_schema_hold_as_wasm(tmp_path: Path) -> None:
    """The output is checked as a native one's: the same wrong result is refused both ways."""
    schema = '  entry_point = "sum"\n  output_schema = { type = "object", required = ["total"] }\n'
    records = both_ways(tmp_path, "javascript", {"agent.mjs": FUNCTION}, "agent.mjs", schema)
    assert [record["status"] for record in records] == ["failed", "failed"]
    assert all("total" in record["error"] for record in records)
    assert not list((tmp_path / "output").glob("*.json"))


def test_what_wasm_lacks_of_node_is_named_where_it_is_used(tmp_path: Path) -> None:
    files = {"agent.mjs": 'import { createServer } from "node:http";\ncreateServer();\n'}
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents" / "agent.mjs").write_text(files["agent.mjs"])
    (tmp_path / "main.tars").write_text('js_module "a" {\n  source = "agents/agent.mjs"\n  target = "wasm"\n}\n')
    *_, finished, _ = run(Options(tmp_path / "main.tars", tmp_path), Flag())
    if finished.status == "unavailable":
        pytest.skip(str(finished))
    (found,) = finished.diagnostics
    assert 'Could not resolve "node:http"' in found.message
    assert "fs, fs/promises" in found.hint
    assert found.span is not None
    assert found.span.path == "agents/agent.mjs"


@pytest.mark.parametrize("language", ["lua", "swift"])
def test_a_language_without_wasm_says_so(language: str, tmp_path: Path) -> None:
    name, content = TOOLCHAINS.load(language).sample()
    (tmp_path / name).write_bytes(content)
    module = Module(
        f"{language}_module.a", "a", language, Span("a.tars", 0, 1), source=name, options={"target": "wasm"}
    )
    with pytest.raises(InputError, match="target"):
        TOOLCHAINS.load(language).plan(source_of(module, tmp_path), {})
