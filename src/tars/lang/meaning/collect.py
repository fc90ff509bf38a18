"""Sorts the blocks of a parsed file by what they are, and checks labels and attributes against the vocabulary."""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from tars.core.near import close_matches
from tars.core.values import Diagnostic, Related, Severity, Span
from tars.lang import schema
from tars.lang.kinds import BlockType
from tars.lang.syntax import tree

_NAME: Final = re.compile(r"[^\W\d][\w-]{0,99}")


class Part(NamedTuple):
    """A block that fits the vocabulary: its attributes by their canonical names, its nested blocks in order."""

    block: tree.Block
    type: BlockType
    labels: tuple[str, ...]
    attributes: dict[str, tree.Attribute]
    blocks: tuple["Part", ...]

    @property
    def label(self) -> str:
        return self.labels[0] if self.labels else ""


class Contents(NamedTuple):
    """What a file holds. `pins` are its top-level `use_<language>_module` attributes."""

    parts: tuple[Part, ...]
    pins: tuple[tree.Attribute, ...]


class Collector:
    """Collects the parts of one file. What is missing where a syntax error is, is not told again."""

    __slots__ = ("_damaged", "_languages", "_path", "diagnostics", "lost")

    def __init__(self, file: tree.File, languages: Collection[str]) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.lost: set[str] = set()
        """Labels of blocks with a finding: what refers to them is not wrong as well."""
        self._path = file.path
        self._languages = languages
        self._damaged = [finding.span.start for finding in file.diagnostics if finding.span]

    def collect(self, body: tree.Body) -> Contents:
        parts: list[Part] = []
        pins: list[tree.Attribute] = []
        single: dict[str, tree.Block] = {}
        for item in body.items:
            if isinstance(item, tree.Block):
                part = self._part(item, "", single)
                if part is not None:
                    parts.append(part)
                else:
                    self.lost.update(label.text for label in item.labels)
            elif schema.pin_language(item.name):
                pins.append(item)
            else:
                self._report_stray(item)
        return Contents(tuple(parts), tuple(pins))

    def _part(self, block: tree.Block, parent: str, single: dict[str, tree.Block]) -> Part | None:
        known = schema.find_block(block.type, parent)
        if known is None:
            self._report_unknown(block, parent)
            return None
        if not parent and known.name == "module" and schema.language_of(block.type) not in self._languages:
            self._report_language(block)
            return None
        if not known.many and single.setdefault(known.name, block) is not block:
            first = single[known.name]
            related = (Related(Span(self._path, first.start, first.header_end), "the first one"),)
            end = block.start + len(block.type)
            self._report("T0038", block.start, end, f"a second `{block.type}` block", "join the two", related)
            return None
        if not self._labels_fit(block, known):
            return None
        attributes, blocks = self._body(block, known)
        return Part(block, known, tuple([label.text for label in block.labels]), attributes, blocks)

    def _body(self, block: tree.Block, known: BlockType) -> tuple[dict[str, tree.Attribute], tuple[Part, ...]]:
        names = schema.attributes_of(known.name)
        attributes: dict[str, tree.Attribute] = {}
        blocks: list[Part] = []
        single: dict[str, tree.Block] = {}
        for item in block.body.items:
            if type(item) is tree.Attribute:
                found = names.get(item.name)
                if found is None and not known.free:
                    self._report_attribute(item, block, known)
                    continue
                name = found.name if found else item.name
                if name in attributes:
                    self._report_twice(item, attributes[name])
                else:
                    attributes[name] = item
            elif isinstance(item, tree.Block):
                part = self._part(item, known.name, single)
                if part is not None:
                    blocks.append(part)
        for attribute in known.attributes:
            if attribute.required and attribute.name not in attributes and not self._is_damaged(block):
                hint = f"add `{attribute.name} = …`: {attribute.doc[0].lower()}{attribute.doc[1:]}"
                message = f"`{block.type}` needs the attribute `{attribute.name}`"
                self._report("T0033", block.start, block.header_end, message, hint)
        return attributes, tuple(blocks)

    def _is_damaged(self, block: tree.Block) -> bool:
        return any(block.start <= place <= block.end for place in self._damaged)

    def _labels_fit(self, block: tree.Block, known: BlockType) -> bool:
        count, least, most = len(block.labels), known.labels_min, len(known.labels)
        if not least <= count <= most:
            if self._is_damaged(block):
                return False
            shape = " ".join([block.type, *(f'"{label}"' for label in known.labels)])
            if most == 0:
                message, hint = f"`{block.type}` takes no label", f"write `{block.type} {{`"
            elif count < least:
                message, hint = f"`{block.type}` needs a label: its {known.labels[0]}", f"write `{shape} {{`"
            else:
                message, hint = f"`{block.type}` takes one label, not {count}", f"write `{shape} {{`"
            self._report("T0035", block.start, block.header_end, message, hint)
            return False
        if count and known.labels[0] in ("name", "id") and not _NAME.fullmatch(block.labels[0].text):
            label = block.labels[0]
            hint = "a name is a letter followed by letters, digits, `_` and `-`, at most 100 in all"
            self._report("T0039", label.start, label.end, f'"{label.text}" cannot be a name', hint)
            return False
        return True

    def _report_unknown(self, block: tree.Block, parent: str) -> None:
        end = block.start + len(block.type)
        known = schema.find_block(parent) if parent else None
        names = [inner.name for inner in known.blocks] if known else list(schema.block_types(self._languages))
        where = f" in `{parent}`" if parent and parent != "module" else " in a module" if parent else ""
        if parent and block.type in schema.attributes_of(parent):
            hint = f"`{block.type}` is an attribute: write `{block.type} = …`"
        elif parent and schema.find_block(block.type):
            hint = f"a `{block.type}` block stands at the top of the file"
        else:
            homes = [inner for homes, inner in schema.walk() if homes and inner.name == block.type]
            near = close_matches(block.type, names, n=1)
            hint = (
                f"did you mean `{near[0]}`?"
                if near
                else f"known here: {', '.join(names)}"
                if names
                else "it holds attributes alone"
            )
            if homes and not near:
                home = next(homes[-1] for homes, inner in schema.walk() if homes and inner.name == block.type)
                hint = f"a `{block.type}` block stands in a `{home}` block"
        self._report("T0031", block.start, end, f"there is no block `{block.type}`{where}", hint)

    def _report_language(self, block: tree.Block) -> None:
        language = schema.language_of(block.type)
        stems = {schema.module_type(name).removesuffix("_module"): name for name in (*self._languages, "agent")}
        stems |= {name: name for name in self._languages}
        near = close_matches(language, stems, n=1, cutoff=0.75)
        if near:
            hint = f"did you mean `{schema.module_type(stems[near[0]])}`?"
            return self._report(
                "T0031", block.start, block.start + len(block.type), f"there is no block `{block.type}`", hint
            )
        hint = f"known: {', '.join(sorted(self._languages))}; others come with the plug-in that brings their toolchain"
        message = f"there is no toolchain for the language `{language}`"
        return self._report("T0040", block.start, block.start + len(block.type), message, hint)

    def _report_attribute(self, item: tree.Attribute, block: tree.Block, known: BlockType) -> None:
        names = schema.attributes_of(known.name)
        near = close_matches(item.name, names, n=1, cutoff=0.5)
        if any(inner.name == item.name for inner in known.blocks):
            hint = f"`{item.name}` is a block: write `{item.name} {{ … }}` without `=`"
        elif near:
            hint = f"did you mean `{near[0]}`?"
        else:
            hint = f"known here: {', '.join(sorted({attribute.name for attribute in names.values()}))}"
        end = item.start + len(item.name)
        self._report("T0032", item.start, end, f"`{block.type}` has no attribute `{item.name}`", hint)

    def _report_stray(self, item: tree.Attribute) -> None:
        if item.name.startswith("use_"):
            message, hint = f"`{item.name}` pins no module", 'a pin is written `use_<language>_module = "name@v3"`'
        else:
            message = f"the attribute `{item.name}` stands outside of a block"
            hint = "put it into a `locals` block, or into the block it belongs to"
        self._report("T0032", item.start, item.start + len(item.name), message, hint)

    def _report_twice(self, item: tree.Attribute, first: tree.Attribute) -> None:
        span = Span(self._path, first.start, first.start + len(first.name))
        same = item.name == first.name
        message = f"`{item.name}` is set twice" if same else f"`{item.name}` and `{first.name}` are the same attribute"
        end = item.start + len(item.name)
        self._report("T0037", item.start, end, message, "keep one of them", (Related(span, "set here first"),))

    def _report(
        self, code: str, start: int, end: int, message: str, hint: str = "", related: tuple[Related, ...] = ()
    ) -> None:
        span = Span(self._path, start, end)
        self.diagnostics.append(Diagnostic(code, Severity.ERROR, message, span, hint, related))
