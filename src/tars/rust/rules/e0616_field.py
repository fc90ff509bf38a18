"""Reaches a private field: by a method that gives it, where there is one, or by opening it."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import TYPES, items, name_of, parameters
from tars.rust.rules_support.makers import makers
from tars.rust.rules_support.mend import Mend, Site, patch
from tars.rust.rules_support.visibility import SURE, opened_fields, structs_with
from tars.rust.values import Example, Patch

_WRITES = ("assignment_expression", "compound_assignment_expr")


def _patches(site: Site) -> Iterator[Patch]:
    if len(site.words) < 2:
        return
    field, owner = site.words[0], re.sub(r"<.*", "", site.words[1]).rpartition("::")[2]
    access = site.up("field_expression")
    if access is not None:
        yield from _by_method(site, access, owner, field)
    for file, struct in structs_with(site.context, owner, field):
        for word, less in SURE:
            changes = opened_fields(file, struct, (field,), word)
            yield patch(f"make the field `{field}` of `{owner}` visible with `{word}`", 0.6 - less, *changes)


def _by_method(site: Site, access: Node, owner: str, field: str) -> Iterator[Patch]:
    value = access.child_by_field_name("value")
    if value is None:
        return
    around = access.parent
    written = around is not None and around.type in _WRITES and around.child_by_field_name("left") == access
    found = {method.name: method for method in site.context.symbols.methods_of(owner) if not method.trait}
    if written and around is not None and around.type == "assignment_expression":
        setter, right = found.get(f"set_{field}"), around.child_by_field_name("right")
        if setter is not None and right is not None:
            text = f"{site.file.text(value)}.set_{field}({site.file.text(right)})"
            yield patch(f"set `{field}` by its method", 0.7, site.file.replace(around, text))
        return
    for name, sure in ((field, 0.7), (f"get_{field}", 0.66)):
        getter = found.get(name)
        if getter is not None and not written and re.search(r"\(\s*&\s*(?:'\w+\s+)?self\s*,?\s*\)", getter.signature):
            yield patch(
                f"ask the method `{name}` for it", sure, site.file.replace(access, f"{site.file.text(value)}.{name}()")
            )


def _construct(site: Site) -> Iterator[Patch]:
    """A literal of a struct with private fields, by a function of the struct that takes the same values."""
    literal = site.up("struct_expression")
    body = literal.child_by_field_name("body") if literal else None
    path = literal.child_by_field_name("name") if literal else None
    if literal is None or body is None or path is None:
        return
    values: dict[str, str] = {}
    for one in body.named_children:
        name, value = one.child_by_field_name("field"), one.child_by_field_name("value")
        if one.type == "shorthand_field_initializer":
            values[site.file.text(one)] = site.file.text(one)
        elif name is not None and value is not None:
            values[site.file.text(name)] = site.file.text(value)
        elif one.type == "base_field_initializer":
            return
    owner = site.file.text(path).rpartition("::")[2]
    for file, function in makers(site.context, owner):
        names = [file.text(part) for one in parameters(function) if (part := one.child_by_field_name("pattern"))]
        if sorted(names) == sorted(values):
            call = f"{site.file.text(path)}::{name_of(file, function)}({', '.join(values[name] for name in names)})"
            yield patch(f"make it with `{name_of(file, function)}`", 0.66, site.file.replace(literal, call))


def _all(site: Site) -> Iterator[Patch]:
    if site.diagnostic.code == "E0616":
        yield from _patches(site)
        return
    yield from _construct(site)
    named = re.findall(r"`(\w+)`", site.diagnostic.message.partition(" of ")[0])
    owner = re.search(r" of (?:struct|union) `([\w:]+)", site.diagnostic.message)
    if owner is None:
        return
    name = owner[1].rpartition("::")[2]
    for file, struct in items(site.context, *TYPES, name=name):
        for word, less in SURE:
            changes = opened_fields(file, struct, tuple(named), word)
            if changes:
                yield patch(f"make {', '.join(named)} of `{name}` visible with `{word}`", 0.6 - less, *changes)


PLUGIN = Mend(
    codes=("E0616", "E0451"),
    title="reach a private field by its method or open it",
    cites=(
        "docs:error_codes/E0616.html",
        "docs:error_codes/E0451.html",
        "docs:reference/visibility-and-privacy.html",
    ),
    examples=(
        Example(
            """
mod bank {
    pub struct Account {
        balance: i64,
    }
    impl Account {
        pub fn balance(&self) -> i64 {
            self.balance
        }
    }
}
pub fn rich(account: &bank::Account) -> bool {
    account.balance > 1000
}
""",
            """
mod bank {
    pub struct Account {
        balance: i64,
    }
    impl Account {
        pub fn balance(&self) -> i64 {
            self.balance
        }
    }
}
pub fn rich(account: &bank::Account) -> bool {
    account.balance() > 1000
}
""",
        ),
        Example(
            """
mod bank {
    pub struct Account {
        pub(super) owner: String,
        balance: i64,
    }
}
pub fn rich(account: &bank::Account) -> bool {
    account.balance > 1000
}
""",
            """
mod bank {
    pub struct Account {
        pub(super) owner: String,
        pub balance: i64,
    }
}
pub fn rich(account: &bank::Account) -> bool {
    account.balance > 1000
}
""",
        ),
        Example(
            """
mod bank {
    pub struct Account {
        owner: String,
        balance: i64,
    }
    impl Account {
        pub fn open(balance: i64, owner: String) -> Self {
            Account { owner, balance }
        }
    }
}
pub fn first() -> bank::Account {
    bank::Account { owner: String::from("Ann"), balance: 5 }
}
""",
            """
mod bank {
    pub struct Account {
        owner: String,
        balance: i64,
    }
    impl Account {
        pub fn open(balance: i64, owner: String) -> Self {
            Account { owner, balance }
        }
    }
}
pub fn first() -> bank::Account {
    bank::Account::open(5, String::from("Ann"))
}
""",
        ),
        Example(
            """
mod bank {
    pub struct Account {
        pub owner: String,
        balance: i64,
    }
}
pub fn split(account: bank::Account) -> (String, i64) {
    let bank::Account { owner, balance } = account;
    (owner, balance)
}
""",
            """
mod bank {
    pub struct Account {
        pub owner: String,
        pub balance: i64,
    }
}
pub fn split(account: bank::Account) -> (String, i64) {
    let bank::Account { owner, balance } = account;
    (owner, balance)
}
""",
        ),
    ),
    patches=_all,
)
