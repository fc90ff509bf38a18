"""A lifetime that is not declared, or not named where it is needed."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed, without
from tars.rust.values import Place


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("type_parameters"):
        lifetimes = [one for one in listed(node) if one.type == "lifetime_parameter"]
        if lifetimes and len(lifetimes) == len(listed(node)):
            yield (file.delete(node),)
        elif lifetimes:
            yield (without(file, lifetimes[0]),)
    for node in ground.nodes("lifetime"):
        if node.parent is not None and node.parent.type == "reference_type":
            blank = file.data[node.end_byte : node.end_byte + 1] == b" "
            yield (file.replace(Place(file.path, node.start_byte, node.end_byte + blank), ""),)
        elif node.parent is not None and node.parent.type == "type_arguments" and len(listed(node.parent)) == 1:
            yield (file.delete(node.parent),)


PLUGIN = Mutation(
    "drops a lifetime",
    propose,
    before="""pub fn first<'a>(one: &'a str, _: &str) -> &'a str {
    one
}
""",
    after="""pub fn first<'a>(one: &'a str, _: &str) -> &str {
    one
}
""",
)
