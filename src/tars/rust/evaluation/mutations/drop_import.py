"""A name that is used and not imported."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed, with_line, without


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("use_declaration"):
        yield (with_line(file, node),)
    for node in ground.nodes("use_list"):
        members = listed(node)
        if len(members) > 1:
            for member in members:
                yield (without(file, member),)


PLUGIN = Mutation(
    "drops an import",
    propose,
    before="""use std::collections::HashMap;
pub type Ages = HashMap<String, u8>;
""",
    after="""pub type Ages = HashMap<String, u8>;
""",
)
