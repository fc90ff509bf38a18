"""A literal of the wrong type: a whole number for a fraction, a character for a string."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for node in ground.nodes("float_literal"):
        text = file.text(node)
        if text.endswith(".0"):
            yield (file.replace(node, text.removesuffix(".0")),)
    for node in ground.nodes("integer_literal"):
        text = file.text(node)
        if text.isdigit():
            yield (file.replace(node, f"{text}.0"),)
            yield (file.replace(node, f'"{text}"'),)
    for node in ground.nodes("char_literal"):
        text = file.text(node)
        if text not in ("'\"'", "b'\"'"):
            yield (file.replace(node, f'"{text.removeprefix("b")[1:-1]}"'),)
        if text.startswith("b"):
            yield (file.replace(node, text[1:]),)
    for node in ground.nodes("string_literal"):
        text = file.text(node)
        if text[0] == '"' and len(text) == 3 and text != '"\'"':
            yield (file.replace(node, f"'{text[1]}'"),)


PLUGIN = Mutation(
    "writes a literal of another type",
    propose,
    before="""pub fn one() -> f64 {
    1.0
}
""",
    after="""pub fn one() -> f64 {
    1
}
""",
)
