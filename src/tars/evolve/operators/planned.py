"""Tries the steps of the plan in their order, first each of them alone, then on top of what was better."""

from tars.evolve.errors import PatchError
from tars.evolve.metascripts.graph import apply_to_metascript
from tars.evolve.operator import Plain, Producer, Situation
from tars.evolve.patch import Patch


def propose(situation: Situation) -> Patch | None:
    """The first step that can be done to the parent and leads to something new."""
    for step in situation.plan:
        if not step.ops:
            continue
        patch = Patch(step.ops)
        try:
            after = apply_to_metascript(situation.parent.text, patch)
        except PatchError:
            continue
        if after != situation.parent.text and not situation.seen(after):
            return patch
    return None


PLUGIN: Producer = Plain(("tars",), propose)
