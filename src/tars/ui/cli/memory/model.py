"""Say which embedders this machine has, which one questions are answered with, and how to get the default one."""

import argparse

from tars.core.values import Json
from tars.memory.recall.embedding import EMBEDDERS, best_embedder
from tars.ui.cli.console import Console

EXAMPLES = (("tarscli memory model", "what is there, and what is missing"),)


def configure(parser: argparse.ArgumentParser) -> None:
    """It has no arguments of its own."""


def run(arguments: argparse.Namespace, console: Console) -> int:
    best = best_embedder()
    rows: list[Json] = []
    for name in EMBEDDERS:
        embedder = EMBEDDERS.load(name)
        readiness = embedder.readiness()
        used = embedder.name == best.name
        rows.append({
            "name": name, "model": embedder.name, "ready": readiness.ready, "used": used,
            "knows_meaning": embedder.knows_meaning, "detail": readiness.detail, "hint": readiness.hint,
        })  # fmt: skip
        mark = "*" if used else " "
        state = "ready" if readiness.ready else "missing"
        console.write(f"{mark} {name:8} {embedder.name:18} {state:8} {readiness.detail}")
        if not readiness.ready:
            console.note(f"  to get it: {readiness.hint}")
    console.answer({"embedders": rows})
    return 0
