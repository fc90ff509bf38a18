"""The data of `convert` as text: JSON and YAML, both read strictly: a key lost in silence changes the meaning."""

import json
import re
from typing import Any, NoReturn

from tars.core.errors import InputError
from tars.core.values import Diagnostic, Json, Severity


def to_json(data: Json) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


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
    import yaml  # slow to import, and only conversions need it  # noqa: PLC0415

    text: str = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)
    return text


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
    except ValueError as error:
        _refuse(path, f"this is not YAML that can be read: {error}", "write a smaller number")
    return data


def _strict_loader(path: str) -> type[Any]:
    import yaml  # slow to import, and only conversions need it  # noqa: PLC0415

    class Strict(yaml.SafeLoader):
        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                _refuse(path, "a metascript in YAML has no aliases (`*name`)", "write the value out")
            return super().compose_node(parent, index)

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            data = super().construct_mapping(node, deep=True)
            if len(data) < len(node.value):
                line = node.start_mark.line + 1
                _refuse(path, f"a key stands twice in the mapping at line {line}", "use a list for several blocks")
            return data

    Strict.yaml_implicit_resolvers = {}
    for tag, pattern, first in (
        ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        ("int", r"[-+]?[0-9]+", list("-+0123456789")),
        ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ):
        Strict.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(rf"(?:{pattern})$"), first)
    Strict.add_constructor("tag:yaml.org,2002:int", _integer)
    return Strict


def _integer(loader: Any, node: Any) -> int:
    return int(loader.construct_scalar(node))


def _refuse(path: str, message: str, hint: str) -> NoReturn:
    raise InputError(f"{path} cannot be read", (Diagnostic("T0024", Severity.ERROR, message, hint=hint),), hint=hint)
