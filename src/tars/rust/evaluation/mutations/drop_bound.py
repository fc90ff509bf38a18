"""A bound that a type parameter needs and does not have."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed, without


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for bounds in ground.nodes("trait_bounds"):
        if bounds.parent is None or bounds.parent.type == "where_predicate":
            continue
        found = listed(bounds)
        yield (file.delete(bounds),)
        if len(found) > 1:
            for bound in found:
                yield (without(file, bound, "+"),)


PLUGIN = Mutation(
    "drops a bound of a type parameter",
    propose,
    before="""pub fn twice<T: Clone>(one: &T) -> (T, T) {
    (one.clone(), one.clone())
}
""",
    after="""pub fn twice<T>(one: &T) -> (T, T) {
    (one.clone(), one.clone())
}
""",
)
