"""The function that asks the project's memory. What it may be asked is handed in from above; all is recorded."""

from collections.abc import Mapping
from typing import Any, Final

from tars.core.errors import TarsError
from tars.lang.meaning.context import Context, Function
from tars.lang.meaning.functions.arguments import text, whole
from tars.lang.meaning.primitives import Value, Wrong

COUNT: Final = 5
_COUNT_MAX: Final = 100
_RECALL_WORK: Final = 1_000


def _recall(context: Context, arguments: tuple[Value, ...]) -> Value:
    """The passages as objects, without those whose files have changed since they were read."""
    question = text(arguments, 0)
    count = whole(arguments, 1) if len(arguments) > 1 else COUNT
    if not 1 <= count <= _COUNT_MAX:
        raise Wrong(f"{count} passages cannot be asked for", f"ask for 1 to {_COUNT_MAX}", argument=1)
    if context.world.recall is None:
        return ()
    context.spend(_RECALL_WORK)
    try:
        found = context.world.recall(question, count)
    except TarsError as error:
        raise Wrong(f"memory cannot be asked: {error.message}", error.hint, code="T0048") from error
    for passage in found:
        if passage.get("path"):
            context.world.reads[str(passage["path"])] = None
    return tuple(_frozen(passage) for passage in found if passage.get("text") is not None)


def _frozen(passage: Mapping[str, Any]) -> dict[str, Value]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in passage.items()}


FUNCTIONS: Final = (
    Function("recall", "recall(question, count)", "What the project's memory knows of it: a list of objects with "
             "`text`, `path`, `lines`, `sha256`, `title` and `id`, as it was last indexed; 5 unless `count` says more.",
             1, 2, _recall),
)  # fmt: skip
