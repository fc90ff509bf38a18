"""An import with a wrong or missing part of its path."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("scoped_identifier"):
        path, name = node.child_by_field_name("path"), node.child_by_field_name("name")
        top = node.parent
        while top is not None and top.type in ("scoped_identifier", "scoped_use_list", "use_list", "use_as_clause"):
            top = top.parent
        if path is None or name is None or top is None or top.type != "use_declaration":
            continue
        yield (file.replace(Place(file.path, path.start_byte, name.start_byte), ""),)


PLUGIN = Mutation(
    "drops a part of an import's path",
    propose,
    before="""use std::fmt::Debug;
pub trait One: Debug {}
""",
    after="""use fmt::Debug;
pub trait One: Debug {}
""",
)
