"""The names that every module knows without an import (Reference, "Preludes"), with the paths they come from."""

from collections.abc import Mapping
from functools import cache

_EVERYWHERE = """
std::boxed::Box std::string::String std::string::ToString std::vec::Vec std::option::Option std::option::Option::Some
std::option::Option::None std::result::Result std::result::Result::Ok std::result::Result::Err std::borrow::ToOwned
std::clone::Clone std::cmp::Eq std::cmp::Ord std::cmp::PartialEq std::cmp::PartialOrd std::convert::AsMut
std::convert::AsRef std::convert::From std::convert::Into std::default::Default std::iter::DoubleEndedIterator
std::iter::ExactSizeIterator std::iter::Extend std::iter::IntoIterator std::iter::Iterator std::marker::Copy
std::marker::Send std::marker::Sized std::marker::Sync std::marker::Unpin std::mem::drop std::ops::Drop std::ops::Fn
std::ops::FnMut std::ops::FnOnce
"""
_SINCE = {
    "2021": "std::convert::TryFrom std::convert::TryInto std::iter::FromIterator",
    "2024": "std::future::Future std::future::IntoFuture",
}
PRIMITIVES = frozenset(
    {
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64",
    }
)  # fmt: skip
DERIVABLE: Mapping[str, str] = {
    "Clone": "std::clone::Clone",
    "Copy": "std::marker::Copy",
    "Debug": "std::fmt::Debug",
    "Default": "std::default::Default",
    "Eq": "std::cmp::Eq",
    "Hash": "std::hash::Hash",
    "Ord": "std::cmp::Ord",
    "PartialEq": "std::cmp::PartialEq",
    "PartialOrd": "std::cmp::PartialOrd",
}
"""The traits of the standard library that can be derived."""


@cache
def prelude(edition: str) -> Mapping[str, str]:
    """Name → path of what is in scope everywhere."""
    since = [names for year, names in _SINCE.items() if edition >= year]
    paths = " ".join((_EVERYWHERE, *since)).split()
    return {path.rpartition("::")[2]: path for path in paths}
