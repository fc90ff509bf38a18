"""A keyword of another language, or none."""

from collections.abc import Iterator

from tars.rust.evaluation.mutation import Changes, Ground, Mutation
from tars.rust.values import Place

_OTHERS = {
    "fn": ("func", "def"),
    "let": ("", "var"),
    "match": ("switch",),
    "impl": ("implement",),
    "struct": ("class",),
    "in": ("of",),
}


def propose(ground: Ground) -> Iterator[Changes]:
    file = ground.file
    for keyword, others in _OTHERS.items():
        for node in ground.nodes(keyword):
            for other in others:
                end = node.end_byte + (not other and file.data[node.end_byte : node.end_byte + 1] == b" ")
                yield (file.replace(Place(file.path, node.start_byte, end), other),)


PLUGIN = Mutation(
    "misspells or drops a keyword",
    propose,
    before="""pub fn one() -> u8 {
    1
}
""",
    after="""pub func one() -> u8 {
    1
}
""",
)
