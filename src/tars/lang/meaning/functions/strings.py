"""Functions on strings. Characters are Unicode code points."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from tars.lang.meaning.context import Context, Function, too_long
from tars.lang.meaning.functions.arguments import text, texts, whole
from tars.lang.meaning.functions.match import Program, Slots, compile_pattern, search
from tars.lang.meaning.primitives import STRING_MAX, Value, Wrong, to_bool, to_number, to_text, to_whole

_WIDTH_MAX: Final = 1_000


def _on_text(convert: Callable[[str], Value]) -> Callable[[Context, tuple[Value, ...]], Value]:
    return lambda context, arguments: convert(text(arguments, 0))


def _on_two(convert: Callable[[str, str], Value]) -> Callable[[Context, tuple[Value, ...]], Value]:
    return lambda context, arguments: convert(text(arguments, 0), text(arguments, 1))


def _title(value: str) -> str:
    return re.sub(r"\b\w", lambda match: match[0].upper(), value)


def _join(context: Context, arguments: tuple[Value, ...]) -> Value:
    separator = text(arguments, 0)
    parts = [part for place in range(1, len(arguments)) for part in texts(arguments, place)]
    if sum(map(len, parts)) + len(separator) * len(parts) > STRING_MAX:
        raise too_long()
    return separator.join(parts)


def _split(separator: str, value: str) -> Value:
    return tuple(value.split(separator)) if separator else tuple(value)


def _substring(context: Context, arguments: tuple[Value, ...]) -> Value:
    value, start, length = text(arguments, 0), whole(arguments, 1), whole(arguments, 2)
    start = max(0, len(value) + start) if start < 0 else start
    return value[start:] if length < 0 else value[start : start + length]


def _replace(context: Context, arguments: tuple[Value, ...]) -> Value:
    """As in Terraform, a search text between two slashes is a regular expression."""
    value, old, new = text(arguments, 0), text(arguments, 1), text(arguments, 2)
    if len(old) > 1 and old[0] == old[-1] == "/":
        return _replace_matches(context, value, old[1:-1], new)
    if len(value) + value.count(old) * max(0, len(new) - len(old)) > STRING_MAX:
        raise too_long()
    return value.replace(old, new)


def _replace_matches(context: Context, value: str, pattern: str, new: str) -> str:
    program = _program(pattern, 1)
    made, end, size = [], 0, 0
    for slots in _matches(context, program, value):
        part = re.sub(
            r"\$(?:(\$)|(\w+)|\{(\w+)\})",
            lambda found, at=slots: found[1] or _group(program, value, at, found[2] or found[3]) or "",  # type: ignore[misc]
            new,
        )
        made += [value[end : slots[0]], part]
        end = slots[1]
        size += len(made[-1]) + len(made[-2])
        if size > STRING_MAX:
            raise too_long()
    return "".join([*made, value[end:]])


def _program(pattern: str, place: int) -> Program:
    try:
        return compile_pattern(pattern)
    except Wrong as wrong:
        raise Wrong(wrong.message, wrong.hint, argument=place, code=wrong.code) from None


def _matches(context: Context, program: Program, value: str) -> Iterator[Slots]:
    place = 0
    while place <= len(value):
        slots = search(program, value, place, context.spend)
        if slots is None:
            return
        yield slots
        place = slots[1] + (slots[1] == slots[0])


def _group(program: Program, value: str, slots: Slots, name: str) -> str | None:
    number = int(name) if re.fullmatch("[0-9]{1,4}", name) else program.names.get(name, -1)
    if not 0 <= number < program.groups:
        return ""
    start, end = slots[2 * number], slots[2 * number + 1]
    return None if start < 0 else value[start:end]


def _found(program: Program, value: str, slots: Slots) -> Value:
    """What `regex` gives: the match; a list of the groups where there are some; an object where they have names."""
    if program.names:
        return {name: _group(program, value, slots, name) for name in program.names}
    if program.groups > 1:
        return tuple(_group(program, value, slots, str(number)) for number in range(1, program.groups))
    return value[slots[0] : slots[1]]


def _regex(context: Context, arguments: tuple[Value, ...]) -> Value:
    program, value = _program(text(arguments, 0), 0), text(arguments, 1)
    for slots in _matches(context, program, value):
        return _found(program, value, slots)
    raise Wrong("the pattern does not match", 'give a fallback: `try(regex(…), "")`', argument=1)


def _regex_all(context: Context, arguments: tuple[Value, ...]) -> Value:
    program, value = _program(text(arguments, 0), 0), text(arguments, 1)
    return tuple(_found(program, value, slots) for slots in _matches(context, program, value))


_VERB: Final = re.compile(r"%(?:%|([-+ 0]*)([0-9]{0,6})(?:\.([0-9]{1,6}))?([a-zA-Z]))")


def _format(context: Context, arguments: tuple[Value, ...]) -> Value:
    return _formatted(text(arguments, 0), arguments[1:])


def _formatted(pattern: str, values: tuple[Value, ...]) -> str:
    used, end = 0, 0
    made: list[str] = []
    for match in _VERB.finditer(pattern):
        made.append(_plain(pattern[end : match.start()]))
        end = match.end()
        if match[0] == "%%":
            made.append("%")
            continue
        if used >= len(values):
            raise Wrong(f"there is no value for `{match[0]}`", argument=0)
        made.append(_one(match, values[used], used + 1))
        used += 1
    if used < len(values):
        raise Wrong(f"the pattern has {used} verbs, but there are {len(values)} values", argument=0)
    return "".join([*made, _plain(pattern[end:])])


def _plain(part: str) -> str:
    if "%" in part:
        raise Wrong("`%` must be followed by a verb such as `%s` or `%d`", "a plain percent sign is `%%`", argument=0)
    return part


def _one(match: re.Match[str], value: Value, place: int) -> str:
    flags, width, precision, verb = match[1], match[2], match[3], match[4]
    if int(width or 0) > _WIDTH_MAX or int(precision or 0) > _WIDTH_MAX:
        raise Wrong(f"the width in `{match[0]}` is more than {_WIDTH_MAX}", argument=0, code="T0049")
    if verb in "sqv":
        from tars.lang.meaning.functions.encoding import encode  # noqa: PLC0415 - `json` is slow to import, and rarely needed

        plain = to_text(value) if verb == "s" or isinstance(value, str) else encode(value)
        plain = encode(plain) if verb == "q" else plain
        plain = plain[: int(precision)] if precision else plain
        return plain.ljust(int(width or 0)) if "-" in flags else plain.rjust(int(width or 0))
    if verb == "t":
        return to_text(to_bool(value))
    if verb not in "dboxXfeEgG":
        raise Wrong(f"there is no verb `%{verb}`", "use %s %d %f %e %g %x %o %b %t %q %v", argument=0)
    try:
        shown = to_whole(value) if verb in "dboxX" else float(to_number(value))
        align = "<" if "-" in flags else ""
        sign = "+" if "+" in flags else " " if " " in flags else ""
        zero = "0" if "0" in flags and not align else ""
        exact = f".{precision or 6}" if verb in "feE" else f".{precision}" if precision and verb in "gG" else ""
        return format(shown, f"{align}{sign}{zero}{width}{exact}{verb}")
    except Wrong as wrong:
        raise Wrong(wrong.message, wrong.hint, argument=place) from None
    except OverflowError:
        raise Wrong("the number is too large", argument=place, code="T0049") from None


def _format_list(context: Context, arguments: tuple[Value, ...]) -> Value:
    pattern, rest = text(arguments, 0), arguments[1:]
    lengths = {len(value) for value in rest if isinstance(value, tuple)}
    if len(lengths) > 1:
        raise Wrong("the lists must be equally long", argument=1)
    rounds = lengths.pop() if lengths else 1
    rows = ([value[row] if isinstance(value, tuple) else value for value in rest] for row in range(rounds))
    return tuple(_formatted(pattern, tuple(row)) for row in rows)


def _strip(context: Context, arguments: tuple[Value, ...]) -> Value:
    return text(arguments, 0).strip(text(arguments, 1))


def _indent(context: Context, arguments: tuple[Value, ...]) -> Value:
    spaces, value = whole(arguments, 0), text(arguments, 1)
    if not 0 <= spaces <= _WIDTH_MAX:
        raise Wrong(f"the number of spaces must be from 0 to {_WIDTH_MAX:,}", argument=0)
    if len(value) + value.count("\n") * spaces > STRING_MAX:
        raise too_long()
    return value.replace("\n", "\n" + " " * spaces)


FUNCTIONS: Final = (
    Function("chomp", "chomp(string)", "Without newlines at the end.", 1, 1, _on_text(lambda v: v.rstrip("\r\n"))),
    Function("endswith", "endswith(string, suffix)", "Whether it ends so.", 2, 2, _on_two(str.endswith), True),
    Function(
        "format", "format(pattern, value, …)", "The pattern with `%s`, `%d`, `%5.2f`, … filled in.", 1, -1, _format
    ),
    Function("formatlist", "formatlist(pattern, list, …)", "`format` for each element.", 1, -1, _format_list),
    Function("indent", "indent(spaces, string)", "Spaces before every line but the first.", 2, 2, _indent),
    Function("join", "join(separator, list, …)", "The strings with the separator between.", 2, -1, _join),
    Function("lower", "lower(string)", "In lower case.", 1, 1, _on_text(str.lower)),
    Function("regex", "regex(pattern, string)", "The first match, or its groups; an error if none.", 2, 2, _regex),
    Function("regexall", "regexall(pattern, string)", "A list of all matches.", 2, 2, _regex_all),
    Function(
        "replace", "replace(string, old, new)", "Every `old` replaced; `/…/` is a regular expression.", 3, 3, _replace
    ),
    Function("split", "split(separator, string)", "The parts between the separators.", 2, 2, _on_two(_split)),
    Function("startswith", "startswith(string, prefix)", "Whether it begins so.", 2, 2, _on_two(str.startswith), True),
    Function(
        "strcontains", "strcontains(string, part)", "Whether it holds the part.", 2, 2, _on_two(lambda v, p: p in v)
    ),
    Function("strrev", "strrev(string)", "Backwards.", 1, 1, _on_text(lambda value: value[::-1])),
    Function("substr", "substr(string, start, length)", "A part; length -1 is the rest.", 3, 3, _substring, True),
    Function("title", "title(string)", "Every word with a capital.", 1, 1, _on_text(_title)),
    Function("trim", "trim(string, characters)", "Without these characters at both ends.", 2, 2, _strip),
    Function("trimprefix", "trimprefix(string, prefix)", "Without the prefix.", 2, 2, _on_two(str.removeprefix)),
    Function("trimspace", "trimspace(string)", "Without blanks at both ends.", 1, 1, _on_text(str.strip)),
    Function("trimsuffix", "trimsuffix(string, suffix)", "Without the suffix.", 2, 2, _on_two(str.removesuffix)),
    Function("upper", "upper(string)", "In upper case.", 1, 1, _on_text(str.upper)),
)
