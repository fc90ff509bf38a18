"""Splits the input text into its words, one a line."""

import os
import re
from pathlib import Path

text = Path(os.environ["TARS_INPUT"]).read_text(encoding="utf-8")
words = re.findall(r"[a-z']+", text.lower())
Path(os.environ["TARS_OUTPUT"]).write_text("\n".join(words) + "\n", encoding="utf-8")
print(f"{len(words)} words")
