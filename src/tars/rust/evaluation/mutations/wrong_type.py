"""A number type, string type or wrapper in the place of another in a signature."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation

_OTHERS = {
    "usize": "u32", "u8": "u32", "u16": "u32", "u32": "u64", "u64": "u32", "i32": "i64", "i64": "i32", "i8": "i32",
    "isize": "i32", "i16": "i32", "f64": "f32", "f32": "f64", "str": "String", "String": "str", "bool": "u8",
    "char": "u8", "Vec": "Option", "Option": "Result", "Result": "Option", "Box": "Vec",
}  # fmt: skip


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("primitive_type", "type_identifier"):
        other = _OTHERS.get(ground.file.text(node))
        if other and not (node.parent is not None and node.parent.type == "type_cast_expression"):
            yield (ground.file.replace(node, other),)


PLUGIN = Mutation(
    "writes another type in a signature or declaration",
    propose,
    before="""pub fn one(two: u32) -> u32 {
    two + 1
}
""",
    after="""pub fn one(two: u64) -> u32 {
    two + 1
}
""",
)
