"""The data of `convert` as text: JSON and YAML, both read strictly: a key lost in silence changes the meaning."""

import json
import re
from typing import Any, Final, NoReturn

from tars.core.errors import InputError
from tars.core.values import Diagnostic, Json, Severity

_TAG: Final = "tag:yaml.org,2002:"
_PLAIN_WORDS: Final = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
)
"""What words without quotes are in YAML 1.2, and how they begin; all others are strings."""


def to_json(data: Json) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str, path: str = "<text>") -> Json:
    """The data of a JSON text. Raises `InputError` where it is none, where a key stands twice or nests too deep."""

    def unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        data = dict(pairs)
        if len(data) < len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            _refuse(path, f"the key `{twice}` stands twice in one object", "use a list for several blocks")
        return data

    def finite(constant: str) -> Json:
        _refuse(path, f"`{constant}` is not a number of JSON", "write a finite number")

    try:
        data: Json = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=unique, parse_constant=finite)
    except json.JSONDecodeError as error:
        _refuse(path, f"this is not JSON: {error.msg} at line {error.lineno}, column {error.colno}", "mend it there")
    except RecursionError:
        _refuse(path, "this JSON is nested too deep", "a metascript nests at most 100 levels")
    except ValueError as error:  # an integer of thousands of digits
        _refuse(path, f"this is not JSON that can be read: {error}", "write a smaller number")
    return data


def to_yaml(data: Json) -> str:
    """The data as YAML that means the same by the rules of YAML 1.1 and of YAML 1.2. Raises `InputError` where it
    nests too deep to be written."""
    import yaml  # slow to import, and only conversions need it  # noqa: PLC0415

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    _resolve_plain_words(Dumper)
    Dumper.add_representer(str, _quoted_where_needed)
    try:
        text: str = yaml.dump(data, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=120)
    except RecursionError:
        _refuse(
            "the metascript", "this is nested too deep to be written as YAML", "nest it less, or convert it to JSON"
        )
    return text


def _quoted_where_needed(dumper: Any, value: str) -> Any:
    """The line ends of YAML that are no line ends elsewhere are read as blanks unless they are escaped."""
    style = '"' if any(character in value for character in "\x85\u2028\u2029\ufeff") else None
    return dumper.represent_scalar(f"{_TAG}str", value, style=style)


def from_yaml(text: str, path: str = "<text>") -> Json:
    """The data of a YAML text, by the rules of YAML 1.2 for plain words: `on`, `yes`, `12:30` and dates are strings.

    Raises `InputError` where it is none, where a key stands twice, and for anchors: an alias can stand for gigabytes.
    """
    import yaml  # slow to import, and only conversions need it  # noqa: PLC0415

    loader = _strict_loader(path)
    try:
        data: Json = yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        _refuse(path, f"this is not YAML: {problem}{place}", "mend it there")
    except RecursionError:
        _refuse(path, "this YAML is nested too deep", "a metascript nests at most 100 levels")
    except ValueError as error:  # an integer of thousands of digits
        _refuse(path, f"this is not YAML that can be read: {error}", "write a smaller number")
    return data


def _strict_loader(path: str) -> type[Any]:
    import yaml  # slow to import, and only conversions need it  # noqa: PLC0415

    class Strict(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                _refuse(path, "a metascript in YAML has no aliases (`*name`)", "write the value out")
            node = super().compose_node(parent, index)
            _refuse_foreign_tag(path, self, node)
            return node

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            data = super().construct_mapping(node, deep=True)
            if len(data) < len(node.value):
                line = node.start_mark.line + 1
                _refuse(path, f"a key stands twice in the mapping at line {line}", "use a list for several blocks")
            return data

    Strict.yaml_implicit_resolvers = {}
    _resolve_plain_words(Strict)
    Strict.add_constructor(f"{_TAG}int", _integer)
    return Strict


def _refuse_foreign_tag(path: str, loader: Any, node: Any) -> None:
    """A tag may say that something is a string; any other must be the one that it has without it."""
    if node.tag not in (f"{_TAG}str", loader.resolve(type(node), node.value, (True, False))):
        tag, line = node.tag.replace(_TAG, "!!"), node.start_mark.line + 1
        _refuse(path, f"the tag `{tag}` at line {line} does not fit what follows it", "write the value without a tag")


def _resolve_plain_words(kind: Any) -> None:
    for tag, pattern, first in _PLAIN_WORDS:
        kind.add_implicit_resolver(f"{_TAG}{tag}", re.compile(rf"(?:{pattern})$"), first)


def _integer(loader: Any, node: Any) -> int:
    return int(loader.construct_scalar(node))


def _refuse(path: str, message: str, hint: str) -> NoReturn:
    raise InputError(f"{path} cannot be read", (Diagnostic("T0024", Severity.ERROR, message, hint=hint),), hint=hint)
