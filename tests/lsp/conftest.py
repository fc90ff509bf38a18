"""A project that the language server's tests open."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

FILES = {
    "lab.tars": """include {
  path = "./other.tars"
}

variable "top" {
  default = 3
}

locals {
  folder = "output"
}

# Splits the text.
python_module "tokenizer" {
  source      = "agents/tokenizer.py"
  entry_point = "tokenize"
  input       = "data/corpus.txt"
  output      = "${local.folder}/tokens.json"
}

rust_module "rank" {
  source = "agents/rank.rs"
  input  = [python_module.tokenizer.output, other.python_module.clean.output]
  args   = ["--top", var.top]
}

belief_graph "lab" {
  belief "fast" {
    statement = "Caching pays off"
  }
}
""",
    "other.tars": 'python_module "clean" {\n  source = "agents/clean.py"\n  output = "output/clean.json"\n}\n',
    "agents/tokenizer.py": "def helper(text):\n    return text\n\n\ndef tokenize(text):\n    return text\n",
    "agents/clean.py": "print('{}')\n",
    "agents/rank.rs": "fn main() {}\n",
    "data/corpus.txt": "a b\n",
}


def write(folder: Path) -> None:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path
