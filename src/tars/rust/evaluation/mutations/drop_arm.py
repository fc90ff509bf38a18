"""A match that forgets a case."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, with_line


def propose(ground: Ground) -> Iterator[Changes]:
    for node in ground.nodes("match_block"):
        arms = [one for one in node.named_children if one.type == "match_arm"]
        for arm in arms if len(arms) > 1 else ():
            yield (with_line(ground.file, arm),)


PLUGIN = Mutation(
    "drops an arm of a match",
    propose,
    before="""pub fn one(two: Option<u8>) -> u8 {
    match two {
        Some(two) => two,
        None => 1,
    }
}
""",
    after="""pub fn one(two: Option<u8>) -> u8 {
    match two {
        Some(two) => two,
    }
}
""",
)
