"""A closure asked from the command line: its model once, the semantic cache as long as what it cites stands."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("httpx", reason="needs the extra `model`")
SERVER = Path(__file__).parents[2] / "infer" / "misbehaving_server.py"
RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
Memory = Callable[..., "subprocess.CompletedProcess[str]"]
METASCRIPT = """\
closure "review" {{
  engine        = ["openai", "ollama"]
  model         = "small"
  prompt        = "Judge this:\\n{{{{text}}}}"
  output_schema = "verdict.json"
  timeout       = "20s"
}}
closure "plain" {{
  prompt = "Say something of {{{{ what }}}}"
  cache  = {cache}
}}
"""
SCHEMA = {"type": "object", "properties": {"sound": {"type": "boolean"}}, "required": ["sound"]}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    process = subprocess.Popen([sys.executable, "-I", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    process.stdin.close()
    process.wait(timeout=10)


@pytest.fixture
def memory(tmp_path: Path, run_tarscli: RunTarscli) -> Memory:
    (tmp_path / "lab.tars").write_text(METASCRIPT.format(cache="true"), "utf-8")
    (tmp_path / "verdict.json").write_text(json.dumps(SCHEMA), "utf-8")
    (tmp_path / "main.py").write_text("x = 1\n", "utf-8")
    return lambda *words, code=0: run_tarscli("memory", *words, folder=tmp_path, code=code)


def sent(address: str, path: str, body: str | None = None) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    data = None if body is None else body.encode()
    with opener.open(urllib.request.Request(f"{address}/{path}", data), timeout=10) as answer:
        return bytes(answer.read())


def test_it_is_asked_once_while_what_it_cites_stands(memory: Memory, address: str, tmp_path: Path) -> None:
    sent(address, "tell/once", '{"sound": true}')
    asked = ["answer", "lab.tars", "review", "--model", f"ollama:small@{address}/told/once", "--cites", "main.py"]
    first = memory(*asked, "--with", "text=is the gate open at night")
    assert json.loads(first.stdout) == {"sound": True}
    assert "Answered by ollama:small" in first.stderr
    body = json.loads(json.loads(sent(address, "count/once"))["body"])["body"]
    assert body["messages"][-1]["content"] == "Judge this:\nis the gate open at night"
    again = memory(*asked, "--with", "text=Is the gate  open at night", "--json")
    told = json.loads(again.stdout)
    assert (told["hit"], told["answer"], told["similarity"]) == (True, {"sound": True}, 1.0)
    assert json.loads(sent(address, "count/once"))["count"] == 1
    (tmp_path / "main.py").write_text("x = 2\n", "utf-8")
    memory(*asked, "--with", "text=is the gate open at night")
    memory(*asked, "--with", "text=is the gate open at night", "--fresh")
    assert json.loads(sent(address, "count/once"))["count"] == 3
    (tmp_path / "lab.tars").write_text(METASCRIPT.format(cache="true").replace("Judge", "Weigh"), "utf-8")
    memory(*asked, "--with", "text=is the gate open at night")
    assert json.loads(sent(address, "count/once"))["count"] == 4, "another prompt is another closure"
    assert "1 hit of" in memory("cache").stdout


def test_a_plain_closure_answers_in_words_and_needs_no_cache(memory: Memory, address: str, tmp_path: Path) -> None:
    (tmp_path / "lab.tars").write_text(METASCRIPT.format(cache="false"), "utf-8")
    sent(address, "tell/plain", '{"answer": "It \\u001b[2J leaks"}')
    asked = ["answer", "lab.tars", "plain", "--model", f"openai:small@{address}/told/plain", "--with", "what=@main.py"]
    assert memory(*asked).stdout.startswith("It ")
    assert "\x1b" not in memory(*asked).stdout
    assert json.loads(sent(address, "count/plain"))["count"] == 2
    assert "x = 1" in json.loads(sent(address, "count/plain"))["body"]


def test_what_is_missing_is_told(memory: Memory, address: str) -> None:
    for words, message in (
        (["other"], "no closure `other`"),
        (["review", "--with", "text=a", "--with", "txt=b"], "`txt` stands nowhere"),
        (["plain", "--with", "what=a"], "names no engine and model"),
    ):
        assert message in memory("answer", "lab.tars", *words, code=2).stderr
    named = ["--model", f"ollama:small@{address}/told/none", "--cites", "gone.py"]
    refused = memory("answer", "lab.tars", "review", "--with", "text=a", *named, code=2)
    assert "neither a file" in refused.stderr, "before the model is asked"
    assert json.loads(sent(address, "count/none"))["count"] == 0
