"""Reads every text of a folder and writes its words, one text a line: the name, a tab, the words."""

import os
import re
from pathlib import Path

WORD = re.compile(r"[a-z]+(?:-[a-z]+)*")

corpus = Path(os.environ["TARS_INPUT"])
lines = [
    f"{text.stem}\t{' '.join(WORD.findall(text.read_text(encoding='utf-8').lower()))}"
    for text in sorted(corpus.glob("*.txt"))
]
Path(os.environ["TARS_OUTPUT"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
print(f"{len(lines)} texts, {sum(line.count(' ') + 1 for line in lines)} words")
