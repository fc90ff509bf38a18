"""Casts between numbers, and to pointers, instead of transmuting what differs in size."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.conversions import Conversion
from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.rules_support.types import is_number, parse_type
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    call = site.up("call_expression")
    arguments = call.child_by_field_name("arguments") if call else None
    given = children(arguments) if arguments else []
    notes = "\n".join(note.message for note in site.diagnostic.notes)
    types = dict(
        re.findall(r"^(source|target) type: `?(.+?)`?(?: \(.*\))?$", notes.replace("*const ()", "*const unit"), re.M)
    )
    if call is None or len(given) != 1 or len(types) != 2:
        return
    source, target = parse_type(types["source"]), parse_type(types["target"])
    value = site.file.text(given[0])
    literal = re.fullmatch(r"(\d[\d_]*)(?:[iu](?:\d+|size))?", value)
    if is_number(target) and is_number(source):
        if literal:
            yield patch(f"write it as a `{target}`", 0.5, site.file.replace(given[0], f"{literal[1]}{target}"))
        cast = Conversion(f"{{}} as {target}", "", 0.5).applied(value, given[0].type)
        yield patch(f"cast it to `{target}`", 0.6, site.file.replace(call, cast))
    elif types["target"].startswith("*"):
        block = next((one for one in ancestors(call) if one.type == "unsafe_block"), None)
        inner = block.named_children[0].named_children if block is not None and block.named_children else []
        place = block if block is not None and len(inner) == 1 and inner[0].id == call.id else call
        through = "" if value[0].isupper() else f"{value} as {types['target'].replace('unit', '()')}"
        if through:
            yield patch("cast it to the pointer", 0.6, site.file.replace(place, through))


PLUGIN = Mend(
    codes=("E0512", "E0591"),
    title="cast instead of transmuting",
    cites=("docs:std/mem/fn.transmute.html", "docs:error_codes/E0512.html"),
    examples=(
        Example(
            "pub fn low(n: u16) -> u8 {\n    unsafe { std::mem::transmute(n) }\n}\n",
            "pub fn low(n: u16) -> u8 {\n    unsafe { n as u8 }\n}\n",
        ),
        Example(
            """
fn nine() -> u8 {
    9
}
pub fn place() -> *const () {
    unsafe { std::mem::transmute(nine) }
}
""",
            """
fn nine() -> u8 {
    9
}
pub fn place() -> *const () {
    nine as *const ()
}
""",
        ),
    ),
    patches=_patches,
)
