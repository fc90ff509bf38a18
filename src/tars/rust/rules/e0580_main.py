"""Mends `main`: it takes nothing, is generic over nothing, asks for nothing, and is there."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.core.near import close_matches
from tars.rust.rules_support.items import items, name_of
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.signatures import uses
from tars.rust.values import Change, Example, Patch, Place


def _patches(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0601":
        yield from _missing(site)
        return
    main = site.up("function_item")
    if main is None:
        return
    for kind, code, reason in (
        ("type_parameters", "E0131", "be generic over nothing"),
        ("where_clause", "E0646", "ask for nothing"),
    ):
        part = next((child for child in main.children if child.type == kind), None)
        if site.diagnostic.code == code and part is not None:
            start = part.start_byte - (1 if site.file.data[part.start_byte - 1 : part.start_byte] == b" " else 0)
            yield patch(reason, 0.75, Change(Place(site.file.path, start, part.end_byte), ""))
    if site.diagnostic.code == "E0580":
        yield from _parameters(site, main)


def _parameters(site: Site, main: Node) -> Iterator[Patch]:
    listed, body = main.child_by_field_name("parameters"), main.child_by_field_name("body")
    if listed is None or body is None:
        return
    given = children(listed)
    names = [site.file.text(one.child_by_field_name("pattern") or one) for one in given]
    changes = [site.file.replace(listed, "()")]
    if len(given) == 1 and uses(site.file, body, names[0]):
        type_ = site.file.text(given[0].child_by_field_name("type") or given[0])
        if "String" not in type_:
            return
        collected = f"let {names[0]}: Vec<String> = std::env::args().collect();"
        changes.append(site.file.insert(body.start_byte + 1, f"\n    {collected}"))
        yield patch("take the arguments from `std::env::args`", 0.6, *changes)
    elif not any(uses(site.file, body, name) for name in names):
        yield patch("take nothing", 0.7, *changes)


def _missing(site: Site) -> Iterator[Patch]:
    """A function that is nearly called so, else an empty one."""
    functions = {
        name_of(file, node): node for file, node in items(site.context, "function_item")
        if file.path == site.file.path and node.parent is not None and node.parent.type == "source_file"
    }  # fmt: skip
    for name in close_matches("main", list(functions), n=1):
        own = functions[name].child_by_field_name("name")
        if own is not None:
            yield patch(f"`{name}` is meant to be `main`", 0.6, site.file.replace(own, "main"))
    end = len(site.file.data)
    start = "" if site.file.data.endswith(b"\n") else "\n"
    yield patch("a program begins with `main`", 0.45, site.file.insert(end, f"{start}\nfn main() {{}}\n"))


PLUGIN = Mend(
    codes=("E0131", "E0580", "E0601", "E0646"),
    title="write `main` as programs begin with it",
    cites=("docs:reference/crates-and-source-files.html#main-functions", "docs:error_codes/E0601.html"),
    examples=(
        Example(
            '// not `fn main()`:\nfn main<T>() {\n    println!("hello");\n}\n',
            '// not `fn main()`:\nfn main() {\n    println!("hello");\n}\n',
        ),
        Example('fn main(_n: i32) {\n    println!("hello");\n}\n', 'fn main() {\n    println!("hello");\n}\n'),
        Example(
            '// not `fn main()`:\nfn mian() {\n    println!("hello");\n}\n',
            '// not `fn main()`:\nfn main() {\n    println!("hello");\n}\n',
        ),
        Example(
            'fn main() where (): Copy {\n    println!("hello");\n}\n',
            'fn main() {\n    println!("hello");\n}\n',
        ),
    ),
    patches=_patches,
)
