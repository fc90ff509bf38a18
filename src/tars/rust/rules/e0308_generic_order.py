"""Swaps two generic arguments of a call that are in the wrong order: `slow::<_, F>(…)` → `slow::<F, _>(…)`."""

from collections.abc import Iterator
from itertools import combinations

from tars.rust.rules_support.mend import Mend, Site, ancestors, children, patch
from tars.rust.values import Example, Patch

_ARGUMENTS_MAX = 4


def _patches(site: Site) -> Iterator[Patch]:
    calls = (one for one in (site.node, *ancestors(site.node)) if one.type in ("call_expression", "generic_function"))
    for call in calls:
        function = call.child_by_field_name("function") if call.type == "call_expression" else call
        listed = function.child_by_field_name("type_arguments") if function is not None else None
        if listed is None:
            continue
        given = [one for one in children(listed) if one.type != "lifetime"][:_ARGUMENTS_MAX]
        for one, other in combinations(given, 2):
            first, second = site.file.text(one), site.file.text(other)
            if first != second:
                yield patch(
                    f"`{second}` comes before `{first}`", 0.55, site.file.replace(one, second),
                    site.file.replace(other, first),
                )  # fmt: skip
        return


PLUGIN = Mend(
    codes=("E0277", "E0308"),
    title="swap two generic arguments of a call",
    cites=("docs:reference/paths.html", "docs:error_codes/E0308.html"),
    examples=(
        Example(
            """
pub trait Real {
    fn from_sum(sum: u64) -> Self;
}
impl Real for f64 {
    fn from_sum(sum: u64) -> f64 {
        sum as f64
    }
}
pub fn sum<F: Real, I: Iterator<Item = u64>>(all: I) -> F {
    F::from_sum(all.sum())
}
pub fn half<F: Real>(all: &[u64]) -> F {
    sum::<_, F>(all.iter().map(|one| one / 2))
}
""",
            """
pub trait Real {
    fn from_sum(sum: u64) -> Self;
}
impl Real for f64 {
    fn from_sum(sum: u64) -> f64 {
        sum as f64
    }
}
pub fn sum<F: Real, I: Iterator<Item = u64>>(all: I) -> F {
    F::from_sum(all.sum())
}
pub fn half<F: Real>(all: &[u64]) -> F {
    sum::<F, _>(all.iter().map(|one| one / 2))
}
""",
        ),
    ),
    patches=_patches,
)
