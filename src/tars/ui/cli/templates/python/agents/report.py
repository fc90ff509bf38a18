"""Writes the most frequent words as a Markdown table; `--top N` says how many."""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    top = int(sys.argv[sys.argv.index("--top") + 1])
    words = json.loads(Path(os.environ["TARS_INPUT"]).read_text(encoding="utf-8"))[:top]
    rows = [f"| {word} | {count} |" for word, count in words]
    Path(os.environ["TARS_OUTPUT"]).write_text(
        "\n".join(["| word | times |", "|---|---|", *rows, ""]), encoding="utf-8"
    )
    print(f"the {len(rows)} most frequent words are in the report")


main()
