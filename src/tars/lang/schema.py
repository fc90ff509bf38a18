"""Looks up what may stand in a metascript: the one table of `vocabulary.py`, by block type and by attribute name."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Final

from tars.lang.kinds import KIND_TEXT, AttributeType, BlockType, Kind
from tars.lang.vocabulary import ROOT

__all__ = [
    "KIND_TEXT", "LANGUAGE_ALIASES", "ROOT", "AttributeType", "BlockType", "Kind", "attributes_of", "block_types",
    "canonical_name", "canonical_type", "find_attribute", "find_block", "is_module", "language_named", "language_of",
    "module_type", "other_types", "pin_language", "walk",
]  # fmt: skip

LANGUAGE_ALIASES: Final[Mapping[str, str]] = {
    "js": "javascript", "ts": "typescript", "py": "python", "rs": "rust", "golang": "go",
}  # fmt: skip
"""Other names under which people know a language."""

_SHORT_TYPES: Final[Mapping[str, str]] = {"javascript": "js_module", "typescript": "ts_module"}


def language_named(name: str) -> str:
    """The name of the toolchain for what a person calls the language: `js` is `javascript`."""
    return LANGUAGE_ALIASES.get(name.lower(), name.lower())


@cache
def language_of(block_type: str) -> str:
    """The language of a module block's type: `js_module` is `javascript`. Empty for all others, `agent_module` too, and
    pins such as `use_js_module`."""
    stem = block_type.removesuffix("_module")
    if stem == block_type or stem in ("agent", "") or stem.startswith("use_"):
        return ""
    return LANGUAGE_ALIASES.get(stem, stem)


def module_type(language: str) -> str:
    """The type of a module block in that language, and the first word of its address: `javascript` is `js_module`."""
    return _SHORT_TYPES.get(language, f"{language}_module")


def other_types(language: str) -> tuple[str, ...]:
    """The types of a module block in that language besides `module_type`: `javascript_module` for `js_module`."""
    names = (language, *(name for name, meant in LANGUAGE_ALIASES.items() if meant == language))
    return tuple(f"{name}_module" for name in names if f"{name}_module" != module_type(language))


def canonical_type(block_type: str) -> str:
    """The spelling of a block's type in addresses: `javascript_module` is `js_module`."""
    language = language_of(block_type)
    return module_type(language) if language else block_type


def pin_language(attribute: str) -> str:
    """The language of a top-level `use_<language>_module` attribute, or an empty string for any other name."""
    return language_of(attribute[4:]) if attribute.startswith("use_") else ""


def is_module(block_type: str) -> bool:
    return block_type == "agent_module" or language_of(block_type) != ""


def block_types(languages: Collection[str]) -> tuple[str, ...]:
    """The types of all top-level blocks, in the order of the manual."""
    modules = [module_type(language) for language in sorted(languages)]
    others = [block.name for block in ROOT.blocks if block.name != "module"]
    return (*modules, *others)


@cache
def find_block(name: str, parent: str = "") -> BlockType | None:
    """The block type of that name within blocks of the type `parent` (empty: at the top); modules of any language."""
    return _children(_canonical(parent)).get(_canonical(name))


def find_attribute(block_type: str, attribute: str) -> AttributeType | None:
    """The attribute of that name, or with that name as an alias, of a block type."""
    return _attributes(_canonical(block_type)).get(attribute)


@cache
def attributes_of(block_type: str) -> Mapping[str, AttributeType]:
    """All names and aliases of a block type's attributes."""
    return _attributes(_canonical(block_type))


def canonical_name(block_type: str, attribute: str) -> str:
    """The name that the formatter writes for an attribute; unknown names and those of other blocks stay as they are."""
    known = _attributes(_canonical(block_type)).get(attribute)
    return known.name if known else attribute


def walk() -> Iterator[tuple[tuple[str, ...], BlockType]]:
    """Every block type with the names of those it stands in, parents first."""

    def below(parents: tuple[str, ...], block: BlockType) -> Iterator[tuple[tuple[str, ...], BlockType]]:
        yield parents, block
        for child in block.blocks:
            yield from below((*parents, block.name), child)

    for block in ROOT.blocks:
        yield from below((), block)


def _canonical(block_type: str) -> str:
    return "module" if block_type.endswith("_module") and language_of(block_type) else block_type


def _children(parent: str) -> Mapping[str, BlockType]:
    entry = _TABLE.get(parent)
    return entry[1] if entry else {}


def _attributes(block_type: str) -> Mapping[str, AttributeType]:
    entry = _TABLE.get(block_type)
    return entry[0] if entry else {}


def _table(root: BlockType) -> dict[str, tuple[dict[str, AttributeType], dict[str, BlockType]]]:
    names = {name: attribute for attribute in root.attributes for name in (attribute.name, *attribute.aliases)}
    table = {root.name: (names, {block.name: block for block in root.blocks})}
    for block in root.blocks:
        table |= _table(block)
    return table


_TABLE: Final = _table(ROOT)
