"""An item, field or method that others use and that is not public."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("visibility_modifier"):
        after = node.next_sibling
        end = after.start_byte if after is not None else node.end_byte
        yield (file.replace(Place(file.path, node.start_byte, end), ""),)


PLUGIN = Mutation(
    "makes an item private",
    propose,
    before="""mod inner {
    pub fn one() -> u8 {
        1
    }
}
pub use inner::one;
""",
    after="""mod inner {
    fn one() -> u8 {
        1
    }
}
pub use inner::one;
""",
)
