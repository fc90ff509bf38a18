"""Mends a conflict between a loan and what it forbids by moving the latter behind the loan's last use."""

from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.loans import Order, loan_of, order_of
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.statements import bound_names, mentions, moved_after, moved_before
from tars.rust.syntax.source import SourceFile
from tars.rust.values import Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    loan = loan_of(site)
    order = order_of(loan) if loan else None
    if loan is None or order is None:
        return
    file = site.file
    if _independent(file, order):
        sure = 0.5 if _touches_same(file, order, site) else 0.66
        yield patch("do this after the last use of the loan", sure, *moved_after(file, order.conflict, order.last))
    other = _last_use(file, order)
    if other is not None:
        yield patch("borrow only after the other loan's last use", 0.45, *moved_after(file, order.first, other))
    following = order.between(order.first, order.conflict)
    if order.names and not any(mentions(file, one, name) for one in following for name in order.names):
        yield patch("borrow only after this", 0.35, *moved_after(file, order.first, order.conflict))
    uses = [one for one in order.between(order.conflict, order.last) if _uses(file, one, order.names)]
    if len(uses) == 1 and uses[0].type != "let_declaration" and uses[0].id != order.block[-1].id:
        bound = bound_names(file, order.conflict)
        if not any(mentions(file, uses[0], name) for name in bound):
            yield patch("use the loan before this", 0.4, *moved_before(file, uses[0], order.conflict))


def _last_use(file: SourceFile, order: Order) -> Node | None:
    """The last statement that needs what the conflicting one binds, where the first one's names come only later."""
    bound = bound_names(file, order.conflict)
    found = [one for one in order.between(order.conflict, order.block[-1]) if _uses(file, one, bound)]
    if not found or not order.names:
        return None
    before = order.between(order.first, found[-1])
    return None if any(_uses(file, one, order.names) for one in before) else found[-1]


def _uses(file: SourceFile, node: Node, names: list[str]) -> bool:
    return any(mentions(file, node, name) for name in names)


def _independent(file: SourceFile, order: Order) -> bool:
    """Whether nothing up to the loan's last use needs what the conflicting statement binds, and it may be moved."""
    if order.conflict.type in ("return_expression",) or order.last.id == order.conflict.id:
        return False
    if order.last.id == order.block[-1].id and order.last.type != "expression_statement" and _is_value(file, order):
        return False
    bound = bound_names(file, order.conflict)
    later = order.between(order.conflict, order.last)
    return not any(mentions(file, one, name) for one in later for name in bound)


def _is_value(file: SourceFile, order: Order) -> bool:
    """Whether the last statement is the value of its block."""
    last = order.last
    return last.type not in ("let_declaration", "macro_invocation") or not file.text(last).endswith(";")


def _touches_same(file: SourceFile, order: Order, site: Site) -> bool:
    """Whether a statement that would come first now reads what the moved one changes."""
    node = site.node
    names = [file.text(one) for one in file.walk("identifier", "self", within=node)][:1]
    return any(mentions(file, one, name) for one in order.between(order.conflict, order.last) for name in names)


PLUGIN = Mend(
    codes=("E0502", "E0499", "E0505", "E0506", "E0503", "E0500", "E0501", "E0524"),
    title="move what a loan forbids behind the loan's last use",
    cites=("docs:error_codes/E0502.html", "docs:book/ch04-02-references-and-borrowing.html"),
    examples=(
        Example(
            "pub fn first(mut all: Vec<u8>) -> Vec<u8> {\n    let one = &all[0];\n    all.push(4);\n"
            "    drop(*one);\n    all\n}\n",
            "pub fn first(mut all: Vec<u8>) -> Vec<u8> {\n    let one = &all[0];\n    drop(*one);\n"
            "    all.push(4);\n    all\n}\n",
        ),
        Example(
            "pub fn grow(text: &mut String) {\n    let one = &mut *text;\n    let two = &mut *text;\n"
            "    one.push('a');\n    two.push('b');\n}\n",
            "pub fn grow(text: &mut String) {\n    let one = &mut *text;\n    one.push('a');\n"
            "    let two = &mut *text;\n    two.push('b');\n}\n",
        ),
        Example(
            'pub fn show(text: String) {\n    let seen = &text;\n    drop(text);\n    println!("{seen}");\n}\n',
            'pub fn show(text: String) {\n    let seen = &text;\n    println!("{seen}");\n    drop(text);\n}\n',
        ),
        Example(
            'pub fn show(mut x: u8) -> u8 {\n    let seen = &x;\n    x = 6;\n    println!("{seen}");\n    x\n}\n',
            'pub fn show(mut x: u8) -> u8 {\n    let seen = &x;\n    println!("{seen}");\n    x = 6;\n    x\n}\n',
        ),
        Example(
            "pub fn add(mut x: u8) -> u8 {\n    let y = &mut x;\n    x += 1;\n    *y += 1;\n    x\n}\n",
            "pub fn add(mut x: u8) -> u8 {\n    let y = &mut x;\n    *y += 1;\n    x += 1;\n    x\n}\n",
        ),
        Example(
            "fn add(x: &mut u8) {\n    *x += 1;\n}\n\npub fn both(x: &mut u8) {\n    let mut once = || add(x);\n"
            "    add(x);\n    once();\n}\n",
            "fn add(x: &mut u8) {\n    *x += 1;\n}\n\npub fn both(x: &mut u8) {\n    let mut once = || add(x);\n"
            "    once();\n    add(x);\n}\n",
        ),
        Example(
            "fn add(x: &mut u8) {\n    *x += 1;\n}\n\npub fn both(x: &mut u8) {\n    let y = &mut *x;\n"
            "    let mut once = || add(x);\n    add(y);\n    once();\n}\n",
            "fn add(x: &mut u8) {\n    *x += 1;\n}\n\npub fn both(x: &mut u8) {\n    let y = &mut *x;\n"
            "    add(y);\n    let mut once = || add(x);\n    once();\n}\n",
        ),
        Example(
            "fn add(x: &mut u8) {\n    *x += 1;\n}\n\npub fn both(x: &mut u8) {\n    let mut a = || add(x);\n"
            "    let mut b = || add(x);\n    a();\n    b();\n}\n",
            "fn add(x: &mut u8) {\n    *x += 1;\n}\n\npub fn both(x: &mut u8) {\n    let mut a = || add(x);\n"
            "    a();\n    let mut b = || add(x);\n    b();\n}\n",
        ),
    ),
    patches=_patches,
)
