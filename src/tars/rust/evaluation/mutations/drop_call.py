"""A call in a chain that was forgotten: what takes a value out, or turns it into another type."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place

_NAMES = frozenset(
    {
        "unwrap", "expect", "unwrap_or", "unwrap_or_default", "collect", "iter", "into_iter", "iter_mut", "chars",
        "bytes", "into", "as_ref", "as_mut", "as_str", "as_bytes", "as_slice", "ok", "ok_or", "map_err", "len", "take",
        "parse", "borrow", "borrow_mut", "lock", "enumerate", "rev", "as_deref", "unwrap_or_else", "to_lowercase",
        "next", "get", "sum",
    }
)  # fmt: skip


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("call_expression"):
        function = node.child_by_field_name("function")
        if function is None or function.type != "field_expression":
            continue
        receiver, name = function.child_by_field_name("value"), function.child_by_field_name("field")
        if receiver is not None and name is not None and file.text(name) in _NAMES:
            yield (file.replace(Place(file.path, receiver.end_byte, node.end_byte), ""),)


PLUGIN = Mutation(
    "drops a call from a chain",
    propose,
    before="""pub fn one(two: Option<u8>) -> u8 {
    two.unwrap()
}
""",
    after="""pub fn one(two: Option<u8>) -> u8 {
    two
}
""",
)
