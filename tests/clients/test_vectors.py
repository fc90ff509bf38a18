"""One set of test vectors, run against the client of every language: what goes in, what comes out, what is refused."""

import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

CLIENTS = Path(__file__).resolve().parent.parent.parent / "clients"
LANGUAGES = ("python", "typescript", "rust", "go")
VECTORS = [
    (f"{path.stem}: {vector['name']}", vector)
    for path in sorted((CLIENTS / "vectors").glob("*.json"))
    for vector in json.loads(path.read_text("utf-8"))
]
CASES = [
    pytest.param(vector, language, id=f"{language}-{name}")
    for name, vector in VECTORS
    for asked in vector.get("languages", LANGUAGES)
    for language in (asked, *(("deno", "bun") if asked == "typescript" else ()))
]
"""A vector with `languages` is about values that the others do not have."""
FIELDS = {
    "name", "env", "files", "stdin", "arguments", "calls", "languages", "results", "events", "length", "outputs",
    "texts", "missing", "stdout", "stderr", "stderr_text",
}  # fmt: skip


def content(given: Any) -> bytes:
    if isinstance(given, str):
        return given.encode("utf-8")
    return bytes.fromhex(given["hex"]) if "hex" in given else (given["repeat"][0] * given["repeat"][1]).encode()


def make_calls(command: list[str], vector: dict[str, Any], folder: Path) -> "subprocess.CompletedProcess[bytes]":
    """Runs a driver in the vector's environment; its results are in `folder`/results."""
    for name, given in vector.get("files", {}).items():
        (folder / name).write_bytes(content(given))
    (folder / "calls").write_text(json.dumps(vector["calls"]), "utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    words = {"{folder}": str(folder), "{closed pipe}": f"/dev/fd/{writer}"}

    def filled(text: str) -> str:
        for word, value in words.items():
            text = text.replace(word, value)
        return text

    env = {name: value for name, value in os.environ.items() if not name.startswith("TARS_")}
    env |= {name: filled(value) for name, value in vector["env"].items()}
    env |= {"CALLS": str(folder / "calls"), "RESULTS": str(folder / "results")}
    try:
        return subprocess.run(
            [*command, *map(filled, vector.get("arguments", ()))], input=vector.get("stdin", "").encode(), env=env,
            capture_output=True, pass_fds=(writer,), timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(writer)


def exactly(value: Any) -> Any:
    """The value so that equal means equal in JSON: 1, 1.0 and 1e0 are one number, True is none."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return ("number", Decimal(repr(value)) + 0)
    if isinstance(value, list):
        return [exactly(each) for each in value]
    return {name: exactly(each) for name, each in value.items()}


def refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


def read_events(path: Path, length: int | None) -> list[Any]:
    """The events, each of them one line of well-formed JSON in UTF-8."""
    data = path.read_bytes() if path.exists() else b""
    if length is not None:
        assert len(data) == length
        return []
    assert not data or data.endswith(b"\n")
    lines = data.splitlines()
    assert data.count(b"\n") == len(lines)
    return [json.loads(line.decode("utf-8", "strict"), parse_constant=refuse) for line in lines]


@pytest.mark.skipif(os.name == "nt", reason="the vectors use POSIX paths, pipes and devices")
@pytest.mark.parametrize(("vector", "language"), CASES)
def test_vector(vector: dict[str, Any], language: str, drivers: dict[str, list[str]], tmp_path: Path) -> None:
    if language not in drivers:
        pytest.skip(f"the tools of {language} are not on this machine")
    done = make_calls(drivers[language], vector, tmp_path)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    results = json.loads((tmp_path / "results").read_bytes())
    told = [{"refused": True} if "refused" in each else each for each in results]
    assert exactly(told) == exactly(vector["results"]), results
    assert all(len(each["refused"]) > 10 for each in results if "refused" in each), "a refusal says why"
    if "events" in vector and "length" in vector:
        read_events(tmp_path / "events", vector["length"])
    elif "events" in vector:
        assert exactly(read_events(tmp_path / "events", None)) == exactly(vector["events"])
    for path, value in vector.get("outputs", {}).items():
        assert exactly(json.loads((tmp_path / path).read_bytes(), parse_constant=refuse)) == exactly(value)
    for path, text in vector.get("texts", {}).items():
        assert (tmp_path / path).read_bytes() == text.encode()
    assert not [path for path in vector.get("missing", ()) if (tmp_path / path).exists()]
    if "stdout" in vector:
        assert done.stdout.decode() == vector["stdout"]
    if "stderr" in vector:
        assert len(done.stderr.splitlines()) == vector["stderr"], done.stderr
    if "stderr_text" in vector:
        assert done.stderr.decode() == vector["stderr_text"]


def test_vectors_use_known_fields() -> None:
    """A field that nothing reads would be an expectation that nothing checks."""
    assert {field for _, vector in VECTORS for field in vector} <= FIELDS
    assert len({name for name, _ in VECTORS}) == len(VECTORS)


def test_numbers_are_compared_exactly() -> None:
    assert exactly([1, -0.0]) == exactly([1.0, 0])
    assert exactly(1) != exactly(True)
    assert exactly(2**53) != exactly(2**53 + 1)
