"""A value that is not wrapped: in `Some`, `Ok`, `Err`, `Box::new` or the like."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed

_WRAPPERS = frozenset({"Some", "Ok", "Err", "Box::new", "Rc::new", "Arc::new", "String::from", "Cow::Borrowed"})


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("call_expression"):
        function, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or arguments is None or file.text(function) not in _WRAPPERS or len(listed(arguments)) != 1:
            continue
        yield (file.replace(node, file.text(listed(arguments)[0])),)


PLUGIN = Mutation(
    "takes a value out of its wrapper",
    propose,
    before="""pub fn one() -> Option<u8> {
    Some(1)
}
""",
    after="""pub fn one() -> Option<u8> {
    1
}
""",
)
