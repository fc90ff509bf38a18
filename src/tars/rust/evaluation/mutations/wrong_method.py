"""A method that is like the one that was meant, or one that was forgotten: it builds, and does something else."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation

_PAIRS = """
min max, any all, first last, push_front push_back, pop_front pop_back, starts_with ends_with, is_some is_none,
is_ok is_err, to_uppercase to_lowercase, to_ascii_uppercase to_ascii_lowercase, trim_start trim_end, floor ceil,
take skip, find rfind, wrapping_add wrapping_sub, checked_add checked_sub, saturating_add saturating_sub, keys values
"""
_OTHERS = {one: other for pair in _PAIRS.split(",") for one, other in (pair.split(), reversed(pair.split()))}
_FORGOTTEN = frozenset({"rev", "abs", "trim", "to_lowercase", "to_uppercase", "skip", "step_by", "sqrt", "filter"})


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("field_identifier"):
        if other := _OTHERS.get(ground.file.text(node)):
            yield (ground.file.replace(node, other),)
    for node in ground.nodes("call_expression"):
        function = node.child_by_field_name("function")
        if function is None or function.type != "field_expression":
            continue
        value, name = function.child_by_field_name("value"), function.child_by_field_name("field")
        if value is not None and name is not None and ground.file.text(name) in _FORGOTTEN:
            yield (ground.file.replace(node, ground.file.text(value)),)


PLUGIN = Mutation(
    "calls another method, or forgets one",
    propose,
    before="""pub fn one(two: u8) -> u8 {
    two.min(3)
}
""",
    after="""pub fn one(two: u8) -> u8 {
    two.max(3)
}
""",
    builds=True,
)
