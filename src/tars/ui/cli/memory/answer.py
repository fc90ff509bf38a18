"""Ask a closure of a metascript: an earlier answer to a question near enough that still holds, else its model.

The closure's `prompt` is filled with what `--with` gives; what the model answers fits its `output_schema`. It is kept
in the semantic cache with what `--cites` names, and dropped as soon as that changes. A closure whose prompt, schema or
model has changed begins with an empty cache; one with `cache = false` has none. `cache_threshold` lets an answer serve
other questions that are so near, whatever their words.
"""

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from blake3 import blake3
from ducktools.classbuilder.prefab import Prefab

from tars.core.errors import InputError, TarsError, UnavailableError, UsageError
from tars.core.near import close_matches
from tars.core.values import Json, Severity
from tars.infer.ask import ANSWER_TOKENS_MAX, Asker, ModelChoice, open_asker
from tars.infer.budget import Budget
from tars.infer.errors import EngineError
from tars.lang.values import Declaration
from tars.memory.recall.answers import QUESTION_MAX
from tars.memory.recall.cache import Reused, grounds, keep, look_up
from tars.memory.recall.index import open_index
from tars.store import open_store
from tars.ui.cli.console import Console
from tars.ui.cli.meaning import load_file
from tars.ui.cli.memory._recalled import oneline, pairs, telling
from tars.ui.cli.printable import printable
from tars.ui.cli.project import STATE, existing_file, project_of
from tars.ui.cli.times import when

EXAMPLES = (
    ('tarscli memory answer lab.tars review --with text="the gate is open" --model ollama:qwen2.5:7b', "ask a model"),
    ("tarscli memory answer lab.tars review --with text=@main.py --cites main.py", "about a file, while it stands"),
)
FILE_CHARACTERS_MAX: Final = 200_000
_PLACE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_TEXT: Final[Mapping[str, Json]] = {
    "type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"],
    "additionalProperties": False,
}  # fmt: skip
"""The form of an answer whose closure names none: a text."""


class _Closure(Prefab, frozen=True):
    """A closure as it is asked: `given` are the arguments of its prompt."""

    block: Declaration
    given: Mapping[str, str]
    models: tuple[ModelChoice, ...]
    schema: Mapping[str, Any] | None

    def attribute(self, name: str, default: Any) -> Any:
        return self.block.attributes.get(name, default)

    @property
    def prompt(self) -> str:
        return _PLACE.sub(lambda place: self.given[place[1]], str(self.block.attributes["prompt"]))

    @property
    def question(self) -> str:
        """What must be near for two questions to be one: the arguments, for the rest of the prompt is always alike."""
        return "\n".join(f"{name}: {self.given[name]}" for name in sorted(self.given)) or self.prompt

    @property
    def cache(self) -> str:
        """The name of its answers: of this prompt, this form and these models."""
        says = [self.block.attributes.get("prompt"), self.schema, self.attribute("temperature", 0)]
        said = json.dumps([*says, [(one.engine, one.model) for one in self.models]], sort_keys=True)
        return f"{self.block.labels[0][:150]}@{blake3(said.encode()).hexdigest()[:12]}"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the metascript")
    parser.add_argument("closure", metavar="CLOSURE", help="the name of its `closure` block")
    parser.add_argument(
        "--with", dest="given", action="append", default=[], metavar="NAME=TEXT",
        help="what `{{NAME}}` in the prompt is replaced by; `@PATH` is a file's text; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--model",
        metavar="ENGINE:MODEL",
        help="ask this model, such as `ollama:qwen2.5:7b`; default: the closure's own",
    )
    parser.add_argument(
        "--remote", action="store_true", help="the model may be on another machine, which sees all of it"
    )
    parser.add_argument("--cites", action="append", default=[], metavar="WHAT", help="a file or memory it rests on")
    parser.add_argument("--fresh", action="store_true", help="ask the model even where an earlier answer would do")


def run(arguments: argparse.Namespace, console: Console) -> int:
    path = existing_file(arguments.file, "metascript")
    project = project_of(arguments, path)
    closure = _closure(arguments, path.absolute(), project)
    keeps = bool(closure.attribute("cache", True)) and len(closure.question) <= QUESTION_MAX
    if not keeps:
        value, model = _asked(closure, arguments, console)
        return _tell(closure, value, None, model, console)
    with (
        open_store(project / STATE) as store,
        open_index(store, progress=telling(console, "Passages embedded anew")) as index,
    ):
        reused = (
            None
            if arguments.fresh
            else look_up(index, closure.cache, closure.question, closure.attribute("cache_threshold", None))
        )
        if reused is not None:
            return _tell(closure, reused.answer, reused, "", console)
        cites = grounds(index, arguments.cites)
        value, model = _asked(closure, arguments, console)
        keep(index, closure.cache, closure.question, value, cites)
    return _tell(closure, value, None, model, console)


def _closure(arguments: argparse.Namespace, path: Path, project: Path) -> _Closure:
    """The closure that is meant, with all that it needs. Raises `InputError` for a metascript with errors, `UsageError`
    where something is missing or too much."""
    loaded = load_file(path, project)
    if loaded.metascript is None:
        errors = [one for one in loaded.diagnostics if one.severity is Severity.ERROR]
        raise InputError(
            f"`{arguments.file}` has errors", errors, hint=f"`tarscli check {arguments.file}` shows them alone"
        )
    blocks = {one.labels[0]: one for one in loaded.metascript.declarations if one.type == "closure"}
    block = blocks.get(arguments.closure)
    if block is None:
        near = close_matches(arguments.closure, list(blocks), n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"it has {', '.join(sorted(blocks)) or 'none'}"
        raise UsageError(f"`{arguments.file}` has no closure `{arguments.closure}`", hint=hint)
    if not block.attributes.get("prompt"):
        raise UsageError(
            f"the closure `{arguments.closure}` has no prompt", hint='give it one: `prompt = "…{{text}}…"`'
        )
    given = {name: _text(text) for name, text in pairs("--with", "NAME=TEXT", arguments.given).items()}
    wanted = set(_PLACE.findall(str(block.attributes["prompt"])))
    for name in sorted(wanted ^ given.keys()):
        fault = "is not given" if name in wanted else "stands nowhere in the prompt"
        named = ", ".join(sorted(wanted)) or "nothing"
        raise UsageError(
            f"`{name}` {fault}", hint=f"the prompt of `{arguments.closure}` wants {named}: `--with NAME=TEXT`"
        )
    return _Closure(block, given, _models(arguments, block), _schema(block.attributes.get("output_schema"), project))


def _text(text: str) -> str:
    if not text.startswith("@"):
        return text
    try:
        found = Path(text[1:]).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise UsageError(f"`{text[1:]}` cannot be read: {error}", hint="`@` names a text file") from error
    if len(found) > FILE_CHARACTERS_MAX:
        raise UsageError(f"`{text[1:]}` has more than {FILE_CHARACTERS_MAX:,} characters", hint="give a part of it")
    return found


def _models(arguments: argparse.Namespace, block: Declaration) -> tuple[ModelChoice, ...]:
    """The model that was named, else the closure's own on each engine of its chain."""
    if arguments.model:
        return (ModelChoice.parse(arguments.model),)
    engines, model = block.attributes.get("engine"), block.attributes.get("model")
    named = [engines] if isinstance(engines, str) else engines if isinstance(engines, list) else []
    if not named or not model:
        raise UsageError(
            f"the closure `{arguments.closure}` names no engine and model, and there is no router yet",
            hint="name them: `--model ollama:qwen2.5:7b`, or `engine` and `model` in the block",
        )
    return tuple(ModelChoice.parse(f"{engine}:{model}") for engine in named)


def _schema(given: Any, project: Path) -> Mapping[str, Any] | None:
    if given is None or isinstance(given, dict):
        return given
    try:
        found = json.loads((project / str(given)).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"the schema `{given}` cannot be read: {error}", hint="it must be a file of JSON") from error
    if not isinstance(found, dict):
        raise UsageError(f"the schema `{given}` is no object", hint="write a JSON Schema into it")
    return found


def _asked(closure: _Closure, arguments: argparse.Namespace, console: Console) -> tuple[Json, str]:
    """What the first model of the chain answers that can be asked, and its name."""
    failures: list[TarsError] = []
    for choice in closure.models:
        try:
            value = _asker(closure, choice, remote=arguments.remote).answer(
                closure.prompt, closure.schema or _TEXT, int(closure.attribute("seed", 0))
            ).value  # fmt: skip
        except (EngineError, UnavailableError) as error:
            failures.append(error)
            if len(closure.models) > 1:
                console.warning(f"{choice.engine}:{choice.model} gave no answer: {error.message}")
        else:
            answer = value if closure.schema is not None else value["answer"] if isinstance(value, dict) else value
            return answer, f"{choice.engine}:{choice.model}"
    raise failures[-1]


def _asker(closure: _Closure, choice: ModelChoice, *, remote: bool) -> Asker:
    retries = int(closure.attribute("retries", 0))
    seconds = closure.attribute("timeout", None)
    spend = Budget(requests_max=2 + retries, seconds_max=float(seconds) if seconds else Budget().seconds_max)
    asker = open_asker(choice, remote_allowed=remote, budget=spend)
    asker.temperature = float(closure.attribute("temperature", 0.0))
    asker.answer_tokens_max = int(closure.attribute("tokens_max", 0)) or ANSWER_TOKENS_MAX
    return asker


def _tell(closure: _Closure, value: Json, reused: Reused | None, model: str, console: Console) -> int:
    answer: dict[str, object] = {"closure": closure.cache, "answer": value, "hit": reused is not None, "model": model}
    if reused is not None:
        answer |= {"question": reused.question, "similarity": round(reused.similarity, 4), "time": reused.time}
    console.answer(answer)
    console.write(printable(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    if reused is not None:
        about = oneline(_shortened(reused.question))
        console.note(
            f"Answered at {when(reused.time)} to `{about}` ({reused.similarity:.2f} near); `--fresh` asks anew"
        )
    else:
        console.note(f"Answered by {printable(model)}")
    return 0


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"
