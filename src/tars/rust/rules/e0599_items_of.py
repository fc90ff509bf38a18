"""Asks of what is iterated over that it gives the type parameter that nothing else says anything of."""

from collections.abc import Iterator

from tars.rust.rules_support.items import name_of, parameters
from tars.rust.rules_support.mend import Mend, Site, children, patch
from tars.rust.rules_support.methods import missing_method
from tars.rust.rules_support.names import mentions
from tars.rust.values import Example, Patch

_TRAITS = ("IntoIterator", "Iterator")


def _patches(site: Site) -> Iterator[Patch]:
    missing, function = missing_method(site), site.up("function_item")
    listed = function.child_by_field_name("type_parameters") if function is not None else None
    if missing is None or function is None or listed is None:
        return
    declared = {name_of(site.file, one): one for one in children(listed, "type_parameter")}
    own = declared.get(missing.type.peeled.head)
    taken = [one for one in parameters(function) if one.type == "parameter"]
    free = [name for name in declared if not any(mentions(site.file, one, name) for one in taken)]
    has = {
        trait
        for trait in _TRAITS
        for one in site.context.symbols.methods_of(f"dyn {trait}")
        if one.name == missing.name
    }
    trait = next((one for one in _TRAITS if one in has), "")
    if own is not None and own.child_by_field_name("bounds") is None and len(free) == 1 and trait:
        bound = f": {trait}<Item = {free[0]}>"
        yield patch(f"ask for what gives `{free[0]}`", 0.75, site.file.insert(own.end_byte, bound))


PLUGIN = Mend(
    codes=("E0599",),
    title="ask for an iterator over the type parameter that is left",
    cites=("docs:std/iter/trait.IntoIterator.html", "docs:reference/trait-bounds.html"),
    examples=(
        Example(
            """
pub fn joined<I, S>(words: I) -> String
where
    S: AsRef<str>,
{
    words.into_iter().fold(String::new(), |line, word| line + word.as_ref())
}
""",
            """
pub fn joined<I: IntoIterator<Item = S>, S>(words: I) -> String
where
    S: AsRef<str>,
{
    words.into_iter().fold(String::new(), |line, word| line + word.as_ref())
}
""",
        ),
    ),
    patches=_patches,
)
