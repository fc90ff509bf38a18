"""Reaches a field, a method or a function of the type by `self` or `Self`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from tars.rust.rules_support.items import items, name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, children, enclosing_function, patch
from tars.rust.rules_support.names import replaced
from tars.rust.rules_support.unknown import same_missing, unknown_at
from tars.rust.values import Change, Example, Patch


def _patches(site: Site) -> Iterator[Patch]:
    missing = unknown_at(site)
    function = enclosing_function(site.node)
    holder = site.up("impl_item", "trait_item")
    if missing is None or function is None or holder is None or missing.is_type or not missing.here:
        return
    subject = holder.child_by_field_name("type") or holder.child_by_field_name("name")
    if subject is None:
        return
    owner = site.file.text(subject)
    has_self = bool(parameters(function)) and parameters(function)[0].type == "self_parameter"
    fields = {name for name, _, _ in site.context.symbols.fields_of(owner)}
    if missing.name in fields and not missing.is_call and not _is_initial(site):
        yield from _field(site, function, missing.name, has_self)
    for takes_self in _functions(site, owner, holder, missing.name):
        if takes_self and has_self:
            yield patch("call the method of `self`", 0.74, site.file.insert(site.place.start, "self."))
        elif not takes_self:
            yield patch("name it as the type's own", 0.74, site.file.insert(site.place.start, "Self::"))


def _is_initial(site: Site) -> bool:
    """Whether the name is the short form of a field in a literal, which means a variable."""
    parent = site.node.parent
    return parent is not None and parent.type == "shorthand_field_initializer"


def _field(site: Site, function: Node, name: str, has_self: bool) -> Iterator[Patch]:
    places = same_missing(site, name)
    changes: list[Change] = list(replaced(site.file, places, f"self.{name}"))
    formatted = [one for one in places if site.file.data[one.start - 1 : one.start] == b"{"]
    if formatted:
        return
    if has_self:
        yield patch(f"take `{name}` from `self`", 0.72, *changes)
        return
    listed = function.child_by_field_name("parameters")
    if listed is None:
        return
    written = any(_is_assigned(site, one.start) for one in places)
    receiver = "&mut self" if written else "&self"
    comma = ", " if children(listed) else ""
    insert = site.file.insert(listed.start_byte + 1, receiver + comma)
    yield patch(f"take `{receiver}`, and `{name}` from it", 0.5, insert, *changes)


def _is_assigned(site: Site, offset: int) -> bool:
    rest = site.file.data[offset : site.file.line_end(offset)].decode("utf-8", "replace")
    return re.match(r"\w+\s*([-+*/%&|^]|<<|>>)?=(?!=)", rest) is not None


def _functions(site: Site, owner: str, holder: Node, name: str) -> Iterator[bool]:
    """Whether it takes `self`, of each function and constant of that name which the type or trait has."""
    bare = re.sub(r"<.*", "", owner).rpartition("::")[2]
    kinds = ("function_item", "function_signature_item", "const_item")
    for file, node in (*items(site.context, "impl_item", name=bare), *items(site.context, "trait_item", name=bare)):
        body = node.child_by_field_name("body")
        for one in children(body, *kinds) if body is not None else ():
            if name_of(file, one) == name:
                taken = parameters(one) if one.type != "const_item" else []
                yield bool(taken) and taken[0].type == "self_parameter"
                return
    for method in site.context.symbols.methods_of(owner) if holder.type == "impl_item" else ():
        if method.name == name:
            yield True
            return


PLUGIN = Mend(
    codes=("E0425", "E0423"),
    title="reach a member by `self` or `Self`",
    cites=("docs:error_codes/E0425.html", "docs:book/ch05-03-method-syntax.html"),
    examples=(
        Example(
            """
pub struct Account {
    balance: i64,
}
impl Account {
    pub fn take(&mut self, amount: i64) -> bool {
        if balance < amount {
            return false;
        }
        balance -= amount;
        true
    }
}
""",
            """
pub struct Account {
    balance: i64,
}
impl Account {
    pub fn take(&mut self, amount: i64) -> bool {
        if self.balance < amount {
            return false;
        }
        self.balance -= amount;
        true
    }
}
""",
        ),
        Example(
            """
pub struct Account {
    balance: i64,
}
impl Account {
    fn open(balance: i64) -> Self {
        Account { balance }
    }
    pub fn empty() -> Self {
        open(0)
    }
}
""",
            """
pub struct Account {
    balance: i64,
}
impl Account {
    fn open(balance: i64) -> Self {
        Account { balance }
    }
    pub fn empty() -> Self {
        Self::open(0)
    }
}
""",
        ),
        Example(
            """
pub struct Account {
    owner: String,
}
impl Account {
    fn matches(&self, name: &str) -> bool {
        self.owner == name
    }
    pub fn is_of(&self, name: &str) -> bool {
        matches(name)
    }
}
""",
            """
pub struct Account {
    owner: String,
}
impl Account {
    fn matches(&self, name: &str) -> bool {
        self.owner == name
    }
    pub fn is_of(&self, name: &str) -> bool {
        self.matches(name)
    }
}
""",
        ),
        Example(
            """
pub struct Account {
    balance: i64,
}
impl Account {
    pub fn rich() -> bool {
        balance > 100
    }
}
""",
            """
pub struct Account {
    balance: i64,
}
impl Account {
    pub fn rich(&self) -> bool {
        self.balance > 100
    }
}
""",
        ),
    ),
    patches=_patches,
)
