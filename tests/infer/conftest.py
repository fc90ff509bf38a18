"""The server that misbehaves, started once, as a process of its own on loopback."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("misbehaving_server.py")


@dataclass(frozen=True)
class Server:
    port: int

    def url(self, behaviour: str, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{behaviour}/{name}"

    def count(self, name: str) -> int:
        """How many answers were asked for under that name."""
        return int(self._told(name)["count"])

    def body(self, name: str) -> dict[str, Any]:
        """Headers and body of the last request under that name."""
        return dict(json.loads(self._told(name)["body"]))

    def _told(self, name: str) -> dict[str, Any]:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}/count/{name}", timeout=10) as answer:
            return dict(json.load(answer))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-I", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdin is not None
    yield Server(int(process.stdout.readline()))
    process.stdin.close()
    process.wait(timeout=10)
