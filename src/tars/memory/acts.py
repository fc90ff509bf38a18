"""What people do to beliefs: state one with its relations, and take one back; each is one entry of the journal."""

from collections.abc import Iterable

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory.current import is_held
from tars.memory.journal import KIND, fault_of
from tars.memory.values import Bearing
from tars.store import Store


def believe(
    store: Store,
    id: str,
    statement: str,
    confidence: float,
    *,
    witness: str = "user",
    evidence: Iterable[str] = (),
    relations: Iterable[tuple[Bearing, str]] = (),
) -> int:
    """Writes what a witness says and returns the entry's number; durable when this returns.

    Raises `UsageError` for what is no belief: a confidence outside (0, 1), an id with blanks, no statement where the
    belief is new, a relation to itself.
    """
    body: dict[str, Json] = {
        "act": "believe", "id": id, "statement": statement, "confidence": confidence, "witness": witness,
        "evidence": list(evidence),
    }  # fmt: skip
    for bearing, other in relations:
        if other == id:
            raise UsageError(f"`{id}` cannot bear on itself", hint=f"`{bearing.value}` names another belief")
        listed = body.setdefault(bearing.value, [])
        assert isinstance(listed, list)
        listed.append(other)
    fault = fault_of(body)
    if not fault and not statement and not is_held(store, id):
        fault = f"`{id}` is not known yet, so it needs a statement"
    if fault:
        raise UsageError(f"this is no belief: {fault}")
    with store.transaction() as transaction:
        transaction.append(KIND, body, subject=id)
    return store.head


def retract(store: Store, id: str, why: str = "") -> int:
    """Writes that a belief is taken back. Raises `UsageError` where there is none of that name."""
    if not is_held(store, id):
        raise UsageError(f"there is no belief `{id}`", hint="`tarscli memory beliefs` lists them")
    with store.transaction() as transaction:
        transaction.append(KIND, {"act": "retract", "id": id, "why": why}, subject=id)
    return store.head
