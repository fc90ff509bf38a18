"""Mends `?` where the error, or its absence, does not fit what the function returns."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import declared_type, fields, name_of, return_type, variants
from tars.rust.rules_support.mend import Mend, Site, ancestors, enclosing_function, patch
from tars.rust.rules_support.traits import after, debug_if_needed, display_impl, impl_header
from tars.rust.rules_support.types import ITERATORS, RustType, fits, parse_type
from tars.rust.values import Example, Patch, Place

_PATHS = {
    "ParseIntError": "std::num", "ParseFloatError": "std::num", "TryFromIntError": "std::num", "Utf8Error": "std::str",
    "ParseBoolError": "std::str", "FromUtf8Error": "std::string", "ParseCharError": "std::char",
}  # fmt: skip
"""Where the standard library has its errors: a closure that does not yet know its argument is told it."""
_ABSENT = ("NotFound", "Missing", "Empty", "None", "Absent", "NoValue", "Invalid")


def _patches(site: Site) -> Iterator[Patch]:
    tried = next((one for one in (site.node, *ancestors(site.node)) if one.type == "try_expression"), None)
    if tried is None:
        return
    message = site.diagnostic.message
    end = tried.end_byte - 1
    returned = return_type(site.file, enclosing_function(tried)) or parse_type("_")
    if "can only be used on `Option`s, not `Result`s" in message:
        yield patch("leave the error out", 0.75, site.file.insert(end, ".ok()"))
    elif "can only be used on `Result`s, not `Option`s" in message and len(returned.arguments) == 2:
        yield from _absent(site, end, returned.arguments[1])
    elif "can only be applied to values that implement `Try`" in message and _is_iterator(site):
        yield patch("take the next element", 0.65, site.file.insert(end, ".next()"))
    elif "can only be applied to values that implement `Try`" in message:
        yield patch("take no `?`: there is no error", 0.6, site.file.delete(Place(site.file.path, end, end + 1)))
    elif "in a closure that returns" in message:
        question = Place(site.file.path, end, end + 1)
        yield patch("stop where it fails", 0.25, site.file.replace(question, ".unwrap()"))
    errors = _errors(site)
    if errors is not None:
        yield from _converted(site, tried, *errors)


def _is_iterator(site: Site) -> bool:
    found = re.search(r"cannot be applied to type `([^`]+)`", " ".join(label.text for label in site.labels()))
    return found is not None and parse_type(found[1]).peeled.head in ITERATORS


def _errors(site: Site) -> tuple[RustType, RustType] | None:
    """The error that there is, and the one that the function returns."""
    for label in site.labels():
        if found := re.search(r"because it has type `Result<.*, (.+)>`|this has type `Result<.*, (.+)>`", label.text):
            wanted = re.search(r"error (?:to|into) `(.+)`|`(.+): std::error::Error`", site.diagnostic.message)
            boxed = "Box<dyn Error>" if wanted and wanted[2] else ""
            return parse_type(found[1] or found[2]), parse_type(boxed or (wanted[1] if wanted else "_"))
        if site.diagnostic.code == "E0271" and (found := re.match(r"expected `(.+)`, found `(.+)`", label.text)):
            return parse_type(found[2]), parse_type(found[1])
    return None


def _absent(site: Site, end: int, error: RustType) -> Iterator[Patch]:
    """What is not there becomes an error."""
    if error.head == "String":
        yield patch("an absent value is an error", 0.4, site.file.insert(end, '.ok_or("no value".to_string())'))
    elif error.head in ("Box", "&"):
        yield patch("an absent value is an error", 0.4, site.file.insert(end, '.ok_or("no value")'))
    own = declared_type(site.context, str(error))
    if own is not None and own[1].type == "enum_item":
        plain = [name_of(own[0], one) for one in variants(own[1]) if one.child_by_field_name("body") is None]
        named = [name for name in plain if any(word in name for word in _ABSENT)]
        for name in (named or plain)[:1]:
            sure = 0.4 if named else 0.2
            yield patch(f"an absent value is `{name}`", sure, site.file.insert(end, f".ok_or({error.head}::{name})"))


def _converted(site: Site, tried: Node, given: RustType, wanted: RustType) -> Iterator[Patch]:
    """The error made into what the function returns."""
    end = tried.end_byte - 1
    own = declared_type(site.context, str(wanted))
    named = f"error: {_PATHS[given.head]}::{given.head}" if given.head in _PATHS else "error"
    if wanted.head == "String":
        yield patch("give the error as text", 0.7, site.file.insert(end, ".map_err(|error| error.to_string())"))
        if named != "error":
            yield patch("give the error as text", 0.6, site.file.insert(end, f".map_err(|{named}| error.to_string())"))
    if own is not None and own[1].type == "enum_item":
        for variant in variants(own[1]):
            parts = fields(own[0], variant)
            name = f"{wanted.head}::{name_of(own[0], variant)}"
            if len(parts) == 1 and parts[0][0] == "0":
                held = parse_type(parts[0][1])
                if fits(held, given) and held.head != "_":
                    yield patch(f"wrap the error in `{name}`", 0.75, site.file.insert(end, f".map_err({name})"))
                elif held.head == "String":
                    text = f".map_err(|error| {name}(error.to_string()))"
                    yield patch(f"wrap the error's text in `{name}`", 0.3, site.file.insert(end, text))
    elif own is not None:
        parts = fields(*own)
        if len(parts) == 1 and parse_type(parts[0][1]).head == "String":
            made = f"{wanted.head}(error.to_string())" if parts[0][0] == "0" else ""
            made = made or f"{wanted.head} {{ {parts[0][0]}: error.to_string() }}"
            yield patch(
                f"wrap the error's text in `{wanted.head}`", 0.5, site.file.insert(end, f".map_err(|{named}| {made})")
            )
    yield from _boxed(site, tried, wanted)
    source = declared_type(site.context, str(given))
    if source is not None and wanted.head == "Box":
        file, node = source
        derive = debug_if_needed(site.context, file, node)
        text = display_impl(file, node, debug=True) + f"\n\n{impl_header(file, node, 'std::error::Error')} {{}}"
        yield patch(f"let `{given.head}` be an error", 0.5, after(file, node, text), *derive)


def _boxed(site: Site, tried: Node, wanted: RustType) -> Iterator[Patch]:
    """Several kinds of errors in one function: return any of them in a box."""
    function = enclosing_function(tried)
    written = function.child_by_field_name("return_type") if function else None
    arguments = written.child_by_field_name("type_arguments") if written else None
    if wanted.head == "Box" or arguments is None or not wanted.head.endswith("Error"):
        return
    error = arguments.named_children[-1]
    if declared_type(site.context, str(wanted)) is None:
        yield patch("return any error in a box", 0.5, site.file.replace(error, "Box<dyn std::error::Error>"))


PLUGIN = Mend(
    codes=("E0277", "E0271"),
    title="turn the error that `?` meets into what the function returns",
    cites=("docs:book/ch09-02-recoverable-errors-with-result.html", "docs:std/result/enum.Result.html"),
    examples=(
        Example(
            """
pub fn read(text: &str) -> Option<i32> {
    let n: i32 = text.parse()?;
    Some(n + 1)
}
""",
            """
pub fn read(text: &str) -> Option<i32> {
    let n: i32 = text.parse().ok()?;
    Some(n + 1)
}
""",
        ),
        Example(
            """
pub enum Fault {
    NoNumber(std::num::ParseIntError),
}
pub fn read(text: &str) -> Result<i32, Fault> {
    let n: i32 = text.parse()?;
    Ok(n + 1)
}
""",
            """
pub enum Fault {
    NoNumber(std::num::ParseIntError),
}
pub fn read(text: &str) -> Result<i32, Fault> {
    let n: i32 = text.parse().map_err(Fault::NoNumber)?;
    Ok(n + 1)
}
""",
        ),
    ),
    patches=_patches,
)
