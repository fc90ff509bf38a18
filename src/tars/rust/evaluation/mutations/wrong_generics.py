"""Generic arguments that are missing, swapped or too many."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation, listed, without


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("type_arguments"):
        found = [one for one in listed(node) if one.type != "lifetime"]
        if not found:
            continue
        if len(found) > 1:
            yield (without(file, found[-1]),)
            first, second = found[:2]
            if file.text(first) != file.text(second):
                yield (file.replace(first, file.text(second)), file.replace(second, file.text(first)))
        else:
            yield (file.delete(node),)
        yield (file.insert(found[-1].end_byte, f", {file.text(found[-1])}"),)
    for node in ground.nodes("type_parameters"):
        if node.parent is not None and node.parent.type == "impl_item":
            yield (file.delete(node),)


PLUGIN = Mutation(
    "gives wrong generic arguments",
    propose,
    before="""pub fn pair() -> Result<u8, String> {
    Ok(1)
}
""",
    after="""pub fn pair() -> Result<String, u8> {
    Ok(1)
}
""",
)
