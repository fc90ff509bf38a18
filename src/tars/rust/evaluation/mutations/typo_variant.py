"""A variant, constant or function whose name is misspelt in a path."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.evaluation.mutations._spelling import misspelt


def propose(ground: Ground) -> Iterator[Changes]:
    for path in ground.nodes("scoped_identifier"):
        name = path.child_by_field_name("name")
        if name is not None and len(text := ground.file.text(name)) > 2:
            yield (ground.file.replace(name, misspelt(text, name.start_byte)),)


PLUGIN = Mutation(
    "misspells the end of a path",
    propose,
    before="""pub fn one() -> u32 {
    u32::from_str_radix("1", 10).unwrap_or(u32::MAX)
}
""",
    after="""pub fn one() -> u32 {
    u32::from_strradix("1", 10).unwrap_or(u32::MAX)
}
""",
)
