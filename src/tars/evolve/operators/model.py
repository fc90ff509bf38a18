"""A model fills in a form of the one patch language. It is shown the source, what may change, and what was tried.

What comes back is data for `read_patch` and the same gates as everything else; a model that fails costs its turn only.
"""

import json
import re
from importlib.resources import files
from typing import Any, Final

from tars.core.errors import TarsError
from tars.evolve.fenced import fenced
from tars.evolve.operator import SOURCES, Operator, Producer, Situation
from tars.evolve.patch import Patch, digest_of, read_patch
from tars.evolve.sources.files import ALONE, files_in, legible
from tars.evolve.sources.source import declared_in, sections
from tars.evolve.values import Candidate

TEXT_CHARACTERS_MAX: Final = 24_000
TRIED_MAX: Final = 6
PLANNED_MAX: Final = 8
_SOURCE: Final = ("set", "swap", "replace")
_METASCRIPT: Final = (
    "set-attribute", "remove-attribute", "rename-attribute", "rename-node", "add-edge", "remove-edge", "reroute-edge",
    "insert-node", "delete-node", "split-node", "merge-nodes",
)  # fmt: skip
_FIELDS: Final = {
    "op": {"type": "string"}, "parameter": {"type": "string"}, "value": {}, "choice": {}, "region": {"type": "string"},
    "text": {"type": "string"}, "node": {"type": "string"}, "attribute": {"type": "string"}, "name": {"type": "string"},
    "needs": {"type": "string"}, "instead": {"type": "string"}, "into": {"type": "string"}, "block": {"type": "string"},
    "attributes": {"type": "object"}, "inputs": {"type": "array", "items": {"type": "string"}},
    "output": {"type": "string"},
}  # fmt: skip


def schema_for(language: str, text: str = "") -> dict[str, Any]:
    """The form: flat, since few servers hold a model to alternatives; which fields an operation needs is held here.
    Where the text is several files, `file` is one of theirs."""
    kinds = _METASCRIPT if language == "tars" else _SOURCE
    fields: dict[str, Any] = {**_FIELDS, "op": {"type": "string", "enum": list(kinds)}}
    paths = [path for path in files_in(text) if path != ALONE]
    if paths:
        fields["file"] = {"type": "string", "enum": paths}
    one = {"type": "object", "properties": fields, "required": ["op"]}
    return {
        "type": "object", "properties": {"reason": {"type": "string"}, "ops": {"type": "array", "items": one}},
        "required": ["ops"],
    }  # fmt: skip


def prompt_for(situation: Situation) -> str:
    """The template `prompts/next_step.tmpl`, filled in; the same for the same situation."""
    text = situation.parent.text
    told = sections(declared_in(text)) if situation.language != "tars" else [one.message for one in situation.findings]
    tried = [f"score {one.score:g}: {one.patch.canonical[:400]}" for one in situation.others if one.patch is not None]
    template = files("tars.evolve").joinpath("prompts/next_step.tmpl").read_text("utf-8")
    filled = {
        "language": situation.language, "score": f"{situation.parent.score:g}", "best": f"{situation.best.score:g}",
        "changes": fenced("\n".join(f"- {one}" for one in told) or "- see the text"),
        "plan": fenced("\n".join(f"- {one.say()}" for one in situation.plan[:PLANNED_MAX] if one.ops) or "- nothing"),
        "tried": fenced("\n".join(f"- {one}" for one in tried[:TRIED_MAX]) or "- nothing yet"),
        "text": fenced(legible(text)[:TEXT_CHARACTERS_MAX]),
    }  # fmt: skip
    return re.sub(r"\{\{(\w+)\}\}", lambda found: filled[found[1]], template)


class Modelled:
    """Asks once for each turn. What was wrong with an answer, and what of it was dropped, is told."""

    def propose(self, situation: Situation) -> Patch | None:
        if situation.ask is None:
            return None
        try:
            answer = json.loads(
                situation.ask(
                    prompt_for(situation),
                    schema_for(situation.language, situation.parent.text),
                    situation.random.randrange(2**31),
                )
            )
            patch, dropped = read_patch(_based(answer.get("ops"), situation.parent.text))
        except (TarsError, ValueError, AttributeError) as error:
            situation.tell(f"an answer was of no use: {error}")
            return None
        for said in dropped:
            situation.tell(said)
        return patch

    def hear(self, candidate: Candidate, parent: Candidate) -> None:
        """What was tried is told in the next prompt."""


def _based(ops: Any, text: str) -> Any:
    """The digests that a change of a region is bound to, which no model can know, are filled in."""
    regions = declared_in(text).regions.values()

    def based(one: Any) -> Any:
        if not isinstance(one, dict) or one.get("op") != "replace":
            return one
        named = [each for each in regions if each.name == one.get("region")]
        meant = [each for each in named if one.get("file") in (None, each.file)]
        return {**one, "base": digest_of(meant[0].text)} if len(meant) == 1 else one

    return [based(one) for one in ops] if isinstance(ops, list) else ops


class _Model:
    languages = (*SOURCES, "tars")
    costly = True

    def start(self, seed: int) -> Operator:
        return Modelled()


PLUGIN: Producer = _Model()
