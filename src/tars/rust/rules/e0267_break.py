"""Mends `break` and `continue` that stand outside of the loop that they are meant for."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import return_type
from tars.rust.rules_support.mend import Mend, Site, ancestors, patch
from tars.rust.rules_support.types import UNIT
from tars.rust.values import Change, Example, Patch, Place

_LOOPS = ("loop_expression", "while_expression", "for_expression")
_BODIES = ("function_item", "closure_expression", "async_block")


def _patches(site: Site) -> Iterator[Patch]:
    code = site.diagnostic.code
    jump = site.up("break_expression", "continue_expression")
    if jump is None:
        return
    if code in ("E0267", "E0268"):
        yield from _left(site, jump)
    elif code == "E0571":
        loop = next((one for one in ancestors(jump) if one.type in _LOOPS), None)
        condition = loop.child_by_field_name("condition") if loop else None
        if loop is not None and condition is not None and site.file.text(condition) == "true":
            head = Change(Place(site.file.path, _keyword(loop), condition.end_byte), "loop")
            yield patch("a `loop` gives a value", 0.8, head)
    elif code == "E0695":
        block = next((one for one in ancestors(jump) if any(child.type == "label" for child in one.children)), None)
        label = next((child for child in block.children if child.type == "label"), None) if block else None
        if label is not None:
            end = jump.start_byte + len("break" if jump.type.startswith("break") else "continue")
            yield patch("leave the labelled block", 0.5, site.file.insert(end, f" {site.file.text(label)}"))
    elif code == "E0696":
        yield from _continued(site, jump)
    elif code == "E0767":
        label = next((child for child in jump.children if child.type == "label"), None)
        inner = _inside(jump, *_LOOPS)
        if label is not None and inner:
            place = Place(site.file.path, label.start_byte - 1, label.end_byte)
            yield patch("leave the loop that it stands in", 0.5, site.file.delete(place))
        elif jump.named_child_count <= 1:
            yield patch("leave the closure", 0.5, site.file.replace(jump, "return"))
    elif code == "E0590":
        loop = next((one for one in ancestors(jump) if one.type == "while_expression"), None)
        if loop is not None and not any(child.type == "label" for child in loop.children):
            end = jump.start_byte + len("break" if jump.type.startswith("break") else "continue")
            yield patch(
                "say which loop is meant", 0.6,
                site.file.insert(loop.start_byte, "'outer: "), site.file.insert(end, " 'outer"),
            )  # fmt: skip


def _continued(site: Site, jump: Node) -> Iterator[Patch]:
    """`continue` of a labelled block: leaves the block, or goes on with the loop around it."""
    label = next((child for child in jump.children if child.type == "label"), None)
    if label is not None:
        yield patch("leave the block", 0.6, site.file.replace(jump, f"break {site.file.text(label)}"))
    if _inside(jump, *_LOOPS):
        yield patch("go on with the loop", 0.4, site.file.replace(jump, "continue"))


def _keyword(loop: Node) -> int:
    return next(child.start_byte for child in loop.children if child.type == "while")


def _inside(node: Node, *kinds: str) -> bool:
    """Whether such a node stands around this one within its function or closure."""
    around = next((one for one in ancestors(node) if one.type in (*kinds, *_BODIES)), None)
    return around is not None and around.type in kinds


def _left(site: Site, jump: Node) -> Iterator[Patch]:
    """Outside of any loop: the function is left instead, with what is handed to `break`."""
    if jump.type == "break_expression":
        value = "".join(f" {site.file.text(one)}" for one in jump.named_children if one.type != "label")
        yield patch(
            "leave the function", 0.6 if value or _gives_nothing(site, jump) else 0.3, _return(site, jump, value)
        )
    else:
        yield patch("leave the function", 0.55, _return(site, jump, ""))


def _return(site: Site, jump: Node, value: str) -> Change:
    return site.file.replace(jump, f"return{value}")


def _gives_nothing(site: Site, jump: Node) -> bool:
    body = next((one for one in ancestors(jump) if one.type in _BODIES), None)
    return body is None or body.type != "function_item" or return_type(site.file, body) == UNIT


PLUGIN = Mend(
    codes=("E0267", "E0268", "E0571", "E0590", "E0695", "E0696", "E0767"),
    title="leave the loop, block or function that is meant",
    cites=("docs:reference/expressions/loop-expr.html", "docs:error_codes/E0268.html"),
    examples=(
        Example(
            """
pub fn stop(n: u8) -> u8 {
    'check: {
        if n > 1 {
            continue 'check;
        }
    }
    n
}
""",
            """
pub fn stop(n: u8) -> u8 {
    'check: {
        if n > 1 {
            break 'check;
        }
    }
    n
}
""",
        ),
        Example(
            """
pub fn show(all: &[i32]) {
    all.iter().for_each(|one| {
        if *one < 0 {
            continue;
        }
        println!("{one}");
    });
}
""",
            """
pub fn show(all: &[i32]) {
    all.iter().for_each(|one| {
        if *one < 0 {
            return;
        }
        println!("{one}");
    });
}
""",
        ),
        Example(
            """
pub fn show(n: i32) {
    if n < 0 {
        break;
    }
    println!("{n}");
}
""",
            """
pub fn show(n: i32) {
    if n < 0 {
        return;
    }
    println!("{n}");
}
""",
        ),
        Example(
            """
pub fn find() -> u32 {
    let mut n = 1;
    let found = while true {
        if n * n > 50 {
            break n;
        }
        n += 1;
    };
    found
}
""",
            """
pub fn find() -> u32 {
    let mut n = 1;
    let found = loop {
        if n * n > 50 {
            break n;
        }
        n += 1;
    };
    found
}
""",
        ),
        Example(
            """
pub fn stop() {
    while break {}
}
""",
            """
pub fn stop() {
    'outer: while break 'outer {}
}
""",
        ),
        Example(
            """
pub fn stop(n: u8) {
    loop {
        'check: {
            if n > 1 {
                break;
            }
        }
        return;
    }
}
""",
            """
pub fn stop(n: u8) {
    loop {
        'check: {
            if n > 1 {
                break 'check;
            }
        }
        return;
    }
}
""",
        ),
        Example(
            """
pub fn stop() {
    'all: loop {
        (|| loop {
            break 'all;
        })();
        return;
    }
}
""",
            """
pub fn stop() {
    'all: loop {
        (|| loop {
            break;
        })();
        return;
    }
}
""",
        ),
    ),
    patches=_patches,
)
