"""Functions on lists and objects. Lists keep their order; the sets of Terraform are lists without repetitions here."""

from collections.abc import Callable, Iterable, Iterator
from itertools import product, zip_longest
from math import ceil, prod
from typing import Final

from tars.lang.meaning.constraints import to_list, to_map
from tars.lang.meaning.context import RANGE_MAX, WORK_MAX, Context, Function
from tars.lang.meaning.functions.arguments import items, mapping, real, text, texts, truth, whole
from tars.lang.meaning.operators import elements_of
from tars.lang.meaning.primitives import (
    Value,
    Wrong,
    a_type,
    distinct,
    equal,
    identity,
    is_number,
    number,
    to_bool,
    to_number,
    to_text,
)  # fmt: skip

Arguments = tuple[Value, ...]
Run = Callable[[Context, Arguments], Value]


def _length(context: Context, arguments: Arguments) -> Value:
    value = arguments[0]
    if isinstance(value, str | tuple | dict):
        return len(value)
    raise Wrong(f"a list, an object or a string is needed here, not {a_type(value)}", argument=0)


def _concat(context: Context, arguments: Arguments) -> Value:
    return tuple(item for place in range(len(arguments)) for item in items(arguments, place))


def _merge(context: Context, arguments: Arguments) -> Value:
    made: dict[str, Value] = {}
    for place, given in enumerate(arguments):
        made |= mapping(arguments, place) if given is not None else {}
    return made


def _lookup(context: Context, arguments: Arguments) -> Value:
    return mapping(arguments, 0).get(text(arguments, 1), arguments[2])


def _contains(context: Context, arguments: Arguments) -> Value:
    return any(equal(item, arguments[1], context.spend) for item in items(arguments, 0))


def _flatten(context: Context, arguments: Arguments) -> Value:
    def level(values: tuple[Value, ...]) -> Iterator[Value]:
        for value in values:
            context.charge(None)
            if isinstance(value, tuple):
                yield from level(value)
            else:
                yield value

    return tuple(level(items(arguments, 0)))


def _sort(context: Context, arguments: Arguments) -> Value:
    """Numbers by size, everything else as strings."""
    found = items(arguments, 0)
    return tuple(sorted(found)) if all(map(is_number, found)) else tuple(sorted(texts(arguments, 0)))


def _range(context: Context, arguments: Arguments) -> Value:
    limits = [real(arguments, place) for place in range(len(arguments))]
    start, end = (0, limits[0]) if len(limits) == 1 else limits[:2]
    step = limits[2] if len(limits) == 3 else 1 if end >= start else -1
    if step == 0 or (end < start if step > 0 else end > start):
        raise Wrong("the step does not lead from the start to the end", argument=len(limits) - 1)
    try:
        count = ceil((end - start) / step)
    except OverflowError:
        count = RANGE_MAX + 1
    if count > RANGE_MAX:
        raise Wrong(f"the range has more than {RANGE_MAX:,} elements", code="T0049")
    return tuple(number(start + place * step) for place in range(count))


def _zipmap(context: Context, arguments: Arguments) -> Value:
    keys, values = texts(arguments, 0), items(arguments, 1)
    if len(keys) != len(values):
        raise Wrong(f"there are {len(keys)} keys, but {len(values)} values", argument=1)
    return dict(zip(keys, values, strict=True))


def _element(context: Context, arguments: Arguments) -> Value:
    found = items(arguments, 0)
    if not found:
        raise Wrong("the list is empty", argument=0)
    return found[whole(arguments, 1) % len(found)]


def _place_of(context: Context, arguments: Arguments) -> Value:
    for place, item in enumerate(items(arguments, 0)):
        if equal(item, arguments[1], context.spend):
            return place
    raise Wrong("the list has no such element", argument=1)


def _slice(context: Context, arguments: Arguments) -> Value:
    found, start, end = items(arguments, 0), whole(arguments, 1), whole(arguments, 2)
    if not 0 <= start <= end <= len(found):
        raise Wrong(f"{start} to {end} is no part of a list of {len(found)}", argument=1)
    return found[start:end]


def _coalesce(context: Context, arguments: Arguments) -> Value:
    for value in arguments:
        if value is not None and value != "":
            return value
    raise Wrong("all arguments are null or empty")


def _coalesce_list(context: Context, arguments: Arguments) -> Value:
    for value in arguments:
        if isinstance(value, tuple | dict) and value:
            return value
    raise Wrong("all arguments are empty")


def _one(context: Context, arguments: Arguments) -> Value:
    found = items(arguments, 0)
    if len(found) > 1:
        raise Wrong(f"the list has {len(found)} elements, not one", argument=0)
    return found[0] if found else None


def _of_sets(combine: Callable[[list[dict[Value, Value]]], Iterable[Value]]) -> Run:
    def run(context: Context, arguments: Arguments) -> Value:
        sets = [{identity(item): item for item in items(arguments, place)} for place in range(len(arguments))]
        found = set(combine(sets))
        return tuple(
            value for key, value in {key: value for part in sets for key, value in part.items()}.items() if key in found
        )

    return run


def _product(context: Context, arguments: Arguments) -> Value:
    lists = [items(arguments, place) for place in range(len(arguments))]
    if prod(map(len, lists)) * len(lists) > WORK_MAX // 4:
        raise Wrong("the product has too many elements", code="T0049")
    return tuple(product(*lists))


def _transpose(context: Context, arguments: Arguments) -> Value:
    made: dict[str, list[str]] = {}
    for key, values in elements_of(mapping(arguments, 0)):
        for value in texts((values,), 0):
            made.setdefault(value, []).append(key)
    return {key: tuple(made[key]) for key in sorted(made)}


def _chunks(context: Context, arguments: Arguments) -> Value:
    found, size = items(arguments, 0), whole(arguments, 1)
    if size < 1:
        raise Wrong("the size must be 1 or more", argument=1)
    return tuple(found[start : start + size] for start in range(0, len(found), size))


def _zip(context: Context, arguments: Arguments) -> Value:
    return tuple(zip_longest(*(items(arguments, place) for place in range(len(arguments)))))


def _all(context: Context, arguments: Arguments) -> Value:
    return all(truth(items(arguments, 0), place) for place in range(len(items(arguments, 0))))


def _any(context: Context, arguments: Arguments) -> Value:
    return any(truth(items(arguments, 0), place) for place in range(len(items(arguments, 0))))


def _convert(convert: Callable[[Value], Value]) -> Run:
    def run(context: Context, arguments: Arguments) -> Value:
        return None if arguments[0] is None else convert(arguments[0])

    return run


FUNCTIONS: Final = (
    Function("alltrue", "alltrue(list)", "Whether all elements are true.", 1, 1, _all),
    Function("anytrue", "anytrue(list)", "Whether one element is true.", 1, 1, _any),
    Function("chunklist", "chunklist(list, size)", "The list cut into lists of that size.", 2, 2, _chunks),
    Function("coalesce", "coalesce(value, …)", "The first that is neither null nor empty.", 1, -1, _coalesce, True),
    Function("coalescelist", "coalescelist(list, …)", "The first list that is not empty.", 1, -1, _coalesce_list,
             True),
    Function("compact", "compact(list)", "Without null and empty strings.", 1, 1,
             lambda _, given: tuple(item for item in items(given, 0) if item is not None and item != "")),
    Function("concat", "concat(list, …)", "The lists one after the other.", 1, -1, _concat),
    Function("contains", "contains(list, value)", "Whether the list has the value.", 2, 2, _contains),
    Function("distinct", "distinct(list)", "Without repetitions.", 1, 1, lambda _, given: distinct(items(given, 0))),
    Function("element", "element(list, index)", "The element, counting on from the start again.", 2, 2, _element, True),
    Function("flatten", "flatten(list)", "Lists within the list dissolved.", 1, 1, _flatten),
    Function("index", "index(list, value)", "The place of the first such element.", 2, 2, _place_of),
    Function("keys", "keys(object)", "The keys, sorted.", 1, 1, lambda _, given: tuple(sorted(mapping(given, 0)))),
    Function("length", "length(value)", "How many elements, or characters.", 1, 1, _length, True),
    Function("lookup", "lookup(object, key, default)", "The value of the key, or the default.", 3, 3, _lookup, True),
    Function("merge", "merge(object, …)", "One object of all; later ones win.", 1, -1, _merge),
    Function("one", "one(list)", "The only element, or null where there is none.", 1, 1, _one, True),
    Function("range", "range(end), range(start, end), range(start, end, step)", "Numbers up to before the end.",
             1, 3, _range),
    Function("reverse", "reverse(list)", "Backwards.", 1, 1, lambda _, given: items(given, 0)[::-1]),
    Function("setintersection", "setintersection(list, …)", "What is in all of them.", 1, -1,
             _of_sets(lambda sets: set(sets[0]).intersection(*sets[1:]))),
    Function("setproduct", "setproduct(list, …)", "Every combination.", 1, -1, _product),
    Function("setsubtract", "setsubtract(list, list)", "What is in the first alone.", 2, 2,
             _of_sets(lambda sets: set(sets[0]).difference(*sets[1:]))),
    Function("setunion", "setunion(list, …)", "What is in one of them, without repetitions.", 1, -1,
             _of_sets(lambda sets: set().union(*sets))),
    Function("slice", "slice(list, start, end)", "The elements from start to before end.", 3, 3, _slice, True),
    Function("sort", "sort(list)", "Numbers by size, strings by their characters.", 1, 1, _sort),
    Function("tobool", "tobool(value)", "As true or false.", 1, 1, _convert(to_bool)),
    Function("tolist", "tolist(value)", "As a list.", 1, 1, _convert(to_list)),
    Function("tomap", "tomap(value)", "As an object.", 1, 1, _convert(to_map)),
    Function("tonumber", "tonumber(value)", "As a number.", 1, 1, _convert(to_number)),
    Function("toset", "toset(value)", "As a list without repetitions.", 1, 1, _convert(lambda v: distinct(to_list(v)))),
    Function("tostring", "tostring(value)", "As a string.", 1, 1, _convert(to_text)),
    Function("transpose", "transpose(object)", "Values and keys of an object of lists exchanged.", 1, 1, _transpose),
    Function("values", "values(object)", "The values, in the order of their keys.", 1, 1,
             lambda _, given: tuple(value for _, value in elements_of(mapping(given, 0)))),
    Function("zip", "zip(list, …)", "Lists of the elements at the same places.", 1, -1, _zip),
    Function("zipmap", "zipmap(keys, values)", "An object of both.", 2, 2, _zipmap),
)  # fmt: skip
