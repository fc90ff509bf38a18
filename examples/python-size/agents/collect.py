"""Lists the installed distributions, one a line: name, version, bytes, files, and what it needs (blank-separated)."""

import os
import re
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path


def main() -> None:
    environment = Path(__file__).resolve().parent.parent / sys.argv[1]
    folders = [
        str(path) for path in (*environment.glob("lib/python*/site-packages"), environment / "Lib/site-packages")
    ]
    found = list(distributions(path=folders)) or list(distributions())
    # The first of a name wins, as it does when Python imports it.
    installed: dict[str, Distribution] = {}
    for distribution in found:
        installed.setdefault(normal(distribution.name), distribution)
    lines = [line(name, distribution, installed) for name, distribution in sorted(installed.items())]
    Path(os.environ["TARS_OUTPUT"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} distributions")


def normal(name: str) -> str:
    """The one spelling of a name, as PEP 503 has it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def line(name: str, distribution: Distribution, installed: dict[str, Distribution]) -> str:
    sizes = [size(distribution, file) for file in distribution.files or ()]
    return (
        f"{name}\t{distribution.version}\t{sum(sizes)}\t{len(sizes)}\t{' '.join(needs(name, distribution, installed))}"
    )


def size(distribution: Distribution, file: os.PathLike[str]) -> int:
    try:
        return os.path.getsize(distribution.locate_file(file))
    except OSError:
        return 0


def needs(name: str, distribution: Distribution, installed: dict[str, Distribution]) -> list[str]:
    """What it requires without any extra, as far as it is installed."""
    plain = [text for text in distribution.requires or () if "extra ==" not in text]
    names = {normal(re.match(r"[\w.-]+", text).group()) for text in plain}
    return sorted(names & installed.keys() - {name})


main()
