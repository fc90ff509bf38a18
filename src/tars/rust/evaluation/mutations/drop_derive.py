"""A type that lacks a derived trait that its uses need."""

import re
from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, with_line

_DERIVE = re.compile(r"#\[derive\((.*)\)\]", re.S)


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for item in ground.nodes("struct_item", "enum_item", "union_item"):
        above = item.prev_sibling
        while above is not None and above.type in ("attribute_item", "line_comment"):
            found = _DERIVE.fullmatch(file.text(above)) if above.type == "attribute_item" else None
            names = [one.strip() for one in found[1].split(",") if one.strip()] if found else []
            for name in names if len(names) > 1 else ():
                yield (file.replace(above, f"#[derive({', '.join(one for one in names if one != name)})]"),)
            if names:
                yield (with_line(file, above),)
            above = above.prev_sibling


PLUGIN = Mutation(
    "drops a derive",
    propose,
    before="""#[derive(Debug, Clone)]
pub struct One;
pub fn one(two: &One) -> One {
    two.clone()
}
pub fn show(one: One) -> String {
    format!("{one:?}")
}
""",
    after="""#[derive(Clone)]
pub struct One;
pub fn one(two: &One) -> One {
    two.clone()
}
pub fn show(one: One) -> String {
    format!("{one:?}")
}
""",
)
