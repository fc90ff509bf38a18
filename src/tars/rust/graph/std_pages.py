"""Reads the standard library's own documentation, as the toolchain brings it, into rows of names and signatures.

The pages are rustdoc's: `h4.code-header` holds a method's declaration, `h3.code-header` an implementation's header, the
`index.html` of a module its items. What is experimental is marked as such in both, and left out.
"""

import html
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from ducktools.classbuilder.prefab import Prefab, attribute

SKIPPED = frozenset({"simd", "arch", "intrinsics", "autodiff", "bstr", "random", "async_iter"})
"""Modules that are experimental or particular to one processor: a third of the pages, and hardly ever meant."""
_SYSTEMS = {"windows": ("win32",), "darwin": ("darwin",), "linux": ("linux",), "wasi": ("wasi",), "wasip2": ("wasi",)}
"""The modules of `std::os` that are for one system only, with Python's words for it."""

_KINDS = "mod|struct|enum|union|trait|traitalias|fn|macro|constant|static|type|primitive|derive"
_ENTRY = re.compile(rf'<dt[^>]*><a class="({_KINDS})" href="([^"]+)" title="[^"]*">(.*?)</a>(.*?)</dt>', re.DOTALL)
_REEXPORT = re.compile(r'<dt id="reexport\.(\w+)"><code>(.*?)</code>(.*?)</dt>', re.DOTALL)
_DECLARATION = re.compile(r'<pre class="rust item-decl"><code>(.*?)</code></pre>', re.DOTALL)
_PART = re.compile(
    r'<h2 id="(?P<part>implementations|deref-methods-[^"]*|trait-implementations|synthetic-implementations'
    r"|blanket-implementations|required-methods|provided-methods|required-associated-types|implementors"
    r'|foreign-impls|variants|fields|dyn-compatibility)"'
    r'|<section id="(?P<kind>impl|method|tymethod|variant)[-.](?P<name>[^"]*)"[^>]*>(?P<body>.*?)</section>'
    r'(?=(?P<after>(?:<span class="item-info">.{0,80})?))',
    re.DOTALL,
)
_HEADER = re.compile(r'<h[34] class="code-header">(.*)</h[34]>', re.DOTALL)
_TRAIT = re.compile(r'<a class="trait" href="[^"]*" title="trait ([\w:]+)"')
_TAG = re.compile(r"<[^>]*>")
_BLANKS = re.compile(r"\s+")


class Item(NamedTuple):
    """Something with a path: `kind` is rustdoc's word (`struct`, `fn`, …), `declaration` its source without a body,
    `home` the crate (`core`, `alloc` or `std`) that has it without an operating system."""

    path: str
    name: str
    kind: str
    declaration: str
    home: str = "std"


class MethodRow(NamedTuple):
    """A function of a type or a trait. `of` is the type it is declared for (`Option<&T>`), where it is narrower than
    the page's, or what it is reached through (`*[T]`); `required` is whether an implementation must give it."""

    owner: str
    name: str
    signature: str
    of: str
    required: bool


class ImplRow(NamedTuple):
    """`owner`, more exactly `of`, implements `trait` with the bounds of `header`; `negative` says `!Trait`."""

    owner: str
    trait: str
    of: str
    header: str
    negative: bool


class Pages(Prefab):
    """All that was read."""

    items: list[Item] = attribute(default_factory=list)
    methods: list[MethodRow] = attribute(default_factory=list)
    impls: list[ImplRow] = attribute(default_factory=list)
    variants: list[tuple[str, str]] = attribute(default_factory=list)
    """The enum's path, and a variant as it is declared."""


def read_pages(folder: Path) -> Pages:
    """Everything that the documentation in `folder` (…/share/doc/rust/html/std) tells of the stable library."""
    pages = Pages()
    for module, index in _modules(folder):
        for item, page in _entries(folder, module, index):
            _read_item(pages, item, page)
    return pages


def plain(markup: str) -> str:
    """The text of a piece of markup on one line."""
    text = _TAG.sub("", markup.replace('<div class="where">', " ")).replace("ⓘ", "")
    return _BLANKS.sub(" ", html.unescape(text).replace("\xa0", " ")).strip()


def returned(signature: str) -> str:
    """The return type in a function's declaration; `()` where it names none."""
    depth = 0
    for at, character in enumerate(signature):
        if character in "([{<":
            depth += 1
        elif character in ")]}" or (character == ">" and signature[at - 1] not in "-="):
            depth -= 1
        elif character == ">" and depth == 0:
            return re.split(r"\s+where\b|\s*\{", signature[at + 1 :].strip(), maxsplit=1)[0].strip()
    return "()"


def _modules(folder: Path) -> Iterator[tuple[str, str]]:
    for parent, folders, files in os.walk(folder):
        folders.sort()
        relative = Path(parent).relative_to(folder).parts
        if not relative:
            folders[:] = [name for name in folders if name not in SKIPPED]
        elif relative == ("os",):
            folders[:] = [name for name in folders if sys.platform in _SYSTEMS.get(name, (sys.platform,))]
        if "index.html" in files:
            yield "::".join(("std", *relative)), (Path(parent) / "index.html").read_text("utf-8", "replace")


def _entries(folder: Path, module: str, index: str) -> Iterator[tuple[Item, str]]:
    """The stable items of a module, and the text of their pages (empty for those that have nothing of interest)."""
    for kind, target, name, marks in _ENTRY.findall(index):
        name = plain(name).rstrip("!")
        if "Experimental" in marks or (module == "std" and name in SKIPPED):
            continue
        path = name if kind == "primitive" else f"{module}::{name}"
        page = ""
        if kind not in ("mod", "derive", "macro") and not target.startswith("http"):
            try:
                page = (folder.joinpath(*module.split("::")[1:]) / target).read_text("utf-8", "replace")
            except OSError:
                page = ""
        declared = _DECLARATION.search(page)
        inner = "/".join((*module.split("::")[1:], target))
        home = next((crate for crate in ("core", "alloc") if _is_there(folder.parent / crate / inner, kind)), "std")
        yield Item(path, name, kind, plain(declared.group(1)) if declared else "", home), page
    for name, text, marks in _REEXPORT.findall(index):
        if "Experimental" not in marks:
            yield Item(f"{module}::{name}", name, "use", plain(text)), ""


def _is_there(page: Path, kind: str) -> bool:
    """Whether a crate has an item; a module that is only experimental there is not."""
    if kind != "mod" or not page.is_file():
        return page.is_file()
    return "experimental API" not in page.read_text("utf-8", "replace").partition('<h2 id="')[0]


def _read_item(pages: Pages, item: Item, page: str) -> None:
    pages.items.append(item)
    if item.kind not in ("struct", "enum", "union", "trait", "primitive"):
        return
    part, of = "", ""
    for found in _PART.finditer(page):
        if found["part"]:
            part = found["part"]
            of = f"*{unquote(html.unescape(part[14:]))}" if part.startswith("deref-methods-") else ""
            continue
        if "unstable" in found["after"]:
            continue
        header = _HEADER.search(found["body"])
        kind, markup = found["kind"], header.group(1) if header else ""
        if kind == "variant":
            pages.variants.append((item.path, plain(markup)))
        elif kind == "impl":
            of = _read_impl(pages, item, part, markup) or of
        elif part in ("required-methods", "provided-methods", "implementations") or part.startswith("deref-methods-"):
            name = re.sub(r"-\d+$", "", found["name"])
            pages.methods.append(MethodRow(item.path, name, plain(markup), of, part == "required-methods"))


def _read_impl(pages: Pages, item: Item, part: str, markup: str) -> str:
    """Notes which trait is implemented; of an inherent implementation gives the type that it is for."""
    text = plain(markup)
    head = text.partition(" where ")[0]
    if part == "implementations":
        return _after_generics(head)
    trait = _TRAIT.search(markup)
    if item.kind != "trait" and trait is not None and " for " in head:
        subject = head.rpartition(" for ")[2]
        negative = _after_generics(head).startswith("!")
        pages.impls.append(ImplRow(item.path, trait.group(1), subject, text, negative))
    return ""


def _after_generics(header: str) -> str:
    """`impl<T> Option<T>` → `Option<T>`."""
    rest = re.sub(r"^(unsafe )?impl(?=[<\s])", "", header)
    if rest.startswith("<"):
        depth = 0
        for at, character in enumerate(rest):
            depth += (character == "<") - (character == ">" and rest[at - 1] not in "-=")
            if depth == 0:
                return re.sub(r"^ *(const )?", "", rest[at + 1 :])
    return re.sub(r"^ *(const )?", "", rest)
