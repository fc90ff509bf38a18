"""A `where` clause, or one of its predicates, that is missing."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed, without


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for clause in ground.nodes("where_clause"):
        yield (file.delete(clause),)
        predicates = listed(clause)
        if len(predicates) > 1:
            for predicate in predicates:
                yield (without(file, predicate),)
        for predicate in predicates:
            bounds = predicate.child_by_field_name("bounds")
            for bound in listed(bounds) if bounds is not None and len(listed(bounds)) > 1 else ():
                yield (without(file, bound, "+"),)


PLUGIN = Mutation(
    "drops a `where` clause or a part of it",
    propose,
    before="""pub fn show<T>(one: T) -> String
where
    T: ToString,
{
    one.to_string()
}
""",
    after="""pub fn show<T>(one: T) -> String

{
    one.to_string()
}
""",
)
