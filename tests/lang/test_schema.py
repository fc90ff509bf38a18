"""The vocabulary is consistent, and the JSON Schema made from it accepts what the language accepts."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tars.lang import schema
from tars.lang.checks import codes, find
from tars.lang.forms.convert import to_data
from tars.lang.forms.format import format_text
from tars.lang.json_schema import json_schema
from tars.lang.kinds import KIND_EXAMPLE, KIND_TEXT, Kind
from tars.lang.reference import pages
from tars.lang.syntax.parse import parse

LANGUAGES = ("go", "javascript", "python", "rust", "typescript", "wasm")
ROOT = Path(__file__).resolve().parents[2]
BLOCKS = [block for _, block in schema.walk()]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_every_block_is_described(block: schema.BlockType) -> None:
    assert block.doc.endswith(".")
    names = [name for attribute in block.attributes for name in (attribute.name, *attribute.aliases)]
    assert len(names) == len(set(names))
    for attribute in block.attributes:
        assert attribute.doc.endswith((".", "…")), attribute
        assert bool(attribute.choices) == (attribute.kind is Kind.CHOICE)
        assert not (attribute.required and attribute.default)
    if block.example:
        assert parse(block.example + "\n").diagnostics == ()
        assert format_text(block.example + "\n") == block.example + "\n"


def test_every_kind_is_said_in_words() -> None:
    assert set(KIND_TEXT) == set(Kind)
    assert set(Kind) - set(KIND_EXAMPLE) == {Kind.CHOICE, Kind.VALUE}


SPELLINGS = {
    ("rust_module", "file"): "source",
    ("lua_module", "source_file"): "source",
    ("agent_module", "inject_data"): "input",
    ("python_module", "trait"): "traits",
    ("go_module", "compiled_output"): "artifact",
    ("agentic", "source"): "file",
    ("evolve", "metric"): "goal",
    ("settings", "file"): "file",
    ("nothing", "file"): "file",
}


@pytest.mark.parametrize("given", SPELLINGS, ids=".".join)
def test_canonical_names(given: tuple[str, str]) -> None:
    assert schema.canonical_name(*given) == SPELLINGS[given]


def test_languages_and_types_map_to_each_other() -> None:
    for language in LANGUAGES:
        assert schema.language_of(schema.module_type(language)) == language
        assert schema.pin_language(f"use_{schema.module_type(language)}") == language
    assert schema.canonical_type("javascript_module") == "js_module"
    assert schema.language_of("agent_module") == schema.language_of("settings") == schema.language_of("_module") == ""
    assert schema.language_named("TS") == "typescript"


@pytest.fixture(scope="module")
def validator() -> Any:
    made = json_schema(LANGUAGES)
    jsonschema_rs.meta.validate(made)
    return jsonschema_rs.validator_for(json.loads(json.dumps(made)))


GOOD: list[dict[str, Any]] = [
    {},
    {"python_module": {"a": {"source": "a.py", "timeout": "1h30m", "input": "${rust_module.b.output}"}}},
    {"rust_module": [{"a": {"file": "a.rs"}}, {"b": [{"source": "b.rs", "compile": "docker"}]}]},
    {"ts_module": {"a": {"source": "a.ts", "resources": {"memory": "512MB", "files": {"read": ["data"]}}}}},
    {"agentic": {"python": {"source": "a.py", "trait": ["x"]}}, "deploy": {"targets": "systemd"}},
    {"belief_graph": {"g": {"belief": {"a": {"statement": "x", "confidence": 0.5}}}}, "locals": {"x": [1]}},
    {"reflection": {"summary": "x"}, "use_go_module": "a@v3", "$schema": "https://x"},
    {"python_module": {"a": {"source": "a.py", "role": None, "timeout": None}}},
    {"typescript_module": {"a": {"source": "a.ts"}}, "use_javascript_module": ["a@v3"], "py_module": {"b": {}}},
    {"settings": {"jobs": "${2 + 2}"}, "variable": {"x": {"type": "list(string)", "default": []}}},
]
BAD: list[dict[str, Any]] = [
    {"pyhton_module": {}},
    {"python_module": {"a": {"ouput": "x"}}},
    {"python_module": {"a": {"source": 5}}},
    {"typescript_module": {"a": {"ouput": "x"}}},
    {"python_module": {"a": {"cache": "yes"}}},
    {"python_module": {"a": {"timeout": "soon"}}},
    {"python_module": {"a": {"inject_as": "pipe"}}},
    {"agentic": {"python": {"role": "x"}}},
    {"agent_module": {"a": {"language": "cobol"}}},
    {"belief_graph": {"g": {"belief": {"a": {"statement": "x", "confidence": 1}}}}},
    {"settings": [{"jobs": -1}]},
]


@pytest.mark.parametrize("document", GOOD, ids=json.dumps)
def test_the_schema_accepts(document: dict[str, Any], validator: Any) -> None:
    assert [error.message for error in validator.iter_errors(document)] == []


EXAMPLES = sorted(path for path in ROOT.glob("examples/**/*.tars") if path.is_file())
TEXTS = {
    **{block.name: block.example for block in BLOCKS if block.example},
    **{code: check.right for code in codes() if code >= "T0030" and (check := find(code))},
    **{path.name: path.read_text("utf-8") for path in EXAMPLES},
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_schema_accepts_what_converting_gives(name: str, validator: Any) -> None:
    inner = any(parents and block.name == name for parents, block in schema.walk())
    data = to_data(parse(TEXTS[name] + "\n"))
    assert inner or [error.message for error in validator.iter_errors(data)] == []


@pytest.mark.parametrize("document", BAD, ids=json.dumps)
def test_the_schema_refuses(document: dict[str, Any], validator: Any) -> None:
    assert not validator.is_valid(document)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_are_formatted(path: Path) -> None:
    assert format_text(path.read_text("utf-8")) == path.read_text("utf-8")


def test_reference_pages_are_current() -> None:
    for path, text in pages().items():
        assert (ROOT / path).read_text("utf-8") == text, f"{path} is stale: write what tars.lang.reference makes"
