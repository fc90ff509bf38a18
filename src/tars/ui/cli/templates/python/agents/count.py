"""Counts the words of the input file and writes them as JSON, the most frequent first."""

import json
import os
import re
from collections import Counter
from pathlib import Path


def main() -> None:
    text = Path(os.environ["TARS_INPUT"]).read_text(encoding="utf-8")
    counts = Counter(re.findall(r"[a-z']+", text.lower()))
    Path(os.environ["TARS_OUTPUT"]).write_text(json.dumps(counts.most_common()), encoding="utf-8")
    print(f"{sum(counts.values())} words, {len(counts)} of them different")


main()
