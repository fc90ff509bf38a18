"""Functions that encode, decode and hash."""

import base64
import csv
import hashlib
import io
import json
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from tars.lang.meaning.context import Context, Function
from tars.lang.meaning.functions.arguments import text
from tars.lang.meaning.primitives import Value, Wrong, known, number, whole_text

_NESTING_MAX: Final = 100
_YAML_WORK: Final = 4
"""The work of reading one character of YAML: its parser is slow."""


def encode(value: Value) -> str:
    """A value as JSON, in the order in which it was written. Raises `Wrong` as `known` does for what it holds."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), check_circular=False, default=known)


def decoded(value: Any, depth: int = 0) -> Value:
    """What a JSON or YAML parser gives as a value of the language. Raises `Wrong` for what the language has not."""
    if depth > _NESTING_MAX:
        raise Wrong("the data is nested too deeply", code="T0049")
    if isinstance(value, list):
        return tuple(decoded(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return {_key(key, depth): decoded(item, depth + 1) for key, item in value.items()}
    if isinstance(value, str):
        return whole_text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return number(value)
    raise Wrong("binary data, sets and lists of pairs (`!!binary`, `!!set`, `!!omap`, `!!pairs`) are not supported")


def _key(key: Any, depth: int) -> str:
    made = decoded(key, depth + 1)
    return made if isinstance(made, str) else encode(made)


def decode_json(content: str) -> Value:
    """Raises `Wrong` where the text is not JSON."""
    try:
        return _about(json.loads(content))
    except json.JSONDecodeError as error:
        raise Wrong(f"not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}", argument=0) from None
    except (RecursionError, ValueError):
        raise Wrong("the JSON is nested too deeply or has a number that is too large", argument=0) from None


def _about(data: Any) -> Value:
    """What was parsed as a value of the language, with the finding at the first argument."""
    try:
        return decoded(data)
    except Wrong as wrong:
        raise Wrong(wrong.message, wrong.hint, argument=0, code=wrong.code) from None


def _decode_yaml(context: Context, arguments: tuple[Value, ...]) -> Value:
    import yaml  # noqa: PLC0415 - slow to import, and only this function needs it

    class Plain(yaml.SafeLoader):
        """Without aliases: a few hundred bytes of them can stand for gigabytes."""

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                raise Wrong("YAML aliases (`*name`) are not supported", argument=0)
            return super().compose_node(parent, index)

    def written(loader: yaml.SafeLoader, node: Any) -> str:
        """A time is the text that stands there, as JSON would have it."""
        return str(loader.construct_scalar(node))

    Plain.add_constructor("tag:yaml.org,2002:timestamp", written)
    content = text(arguments, 0)
    context.spend(_YAML_WORK * len(content))
    try:
        return _about(yaml.load(content, Plain))
    except (yaml.YAMLError, ValueError) as error:
        raise Wrong(f"not valid YAML: {' '.join(str(error).split())}", argument=0) from None
    except LookupError:
        raise Wrong("not valid YAML: a value does not fit its tag", argument=0) from None
    except RecursionError:
        raise Wrong("the YAML is nested too deeply", argument=0) from None


def _decode_csv(content: str) -> Value:
    try:
        rows = list(csv.reader(io.StringIO(content, newline="")))
    except csv.Error as error:
        raise Wrong(f"not valid CSV: {error}", argument=0) from None
    if not rows:
        raise Wrong("the text has no line with the names of the columns", argument=0)
    for place, row in enumerate(rows[1:], start=2):
        if row and len(row) != len(rows[0]):
            raise Wrong(f"row {place} has {len(row)} columns, the first has {len(rows[0])}", argument=0)
    return tuple(dict(zip(rows[0], row, strict=True)) for row in rows[1:] if row)


def _decode_base64(content: str) -> str:
    try:
        return base64.b64decode(content, validate=True).decode("utf-8")
    except ValueError:
        raise Wrong("this is not base64 of UTF-8 text", argument=0) from None


def hashed(name: str) -> Callable[[bytes], str]:
    """The digest in hexadecimal. MD5 and SHA-1 are checksums here, not protection."""
    return lambda data: hashlib.new(name, data, usedforsecurity=False).hexdigest()


def _on_text(convert: Callable[[str], Value]) -> Callable[[Context, tuple[Value, ...]], Value]:
    return lambda context, arguments: convert(text(arguments, 0))


def _hash(name: str) -> Callable[[Context, tuple[Value, ...]], Value]:
    return _on_text(lambda value: hashed(name)(value.encode("utf-8", "surrogatepass")))


def _encode_base64(value: str) -> str:
    return base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")


FUNCTIONS: Final = (
    Function("base64decode", "base64decode(string)", "The text that was encoded.", 1, 1, _on_text(_decode_base64)),
    Function("base64encode", "base64encode(string)", "The text as base64.", 1, 1, _on_text(_encode_base64)),
    Function(
        "csvdecode", "csvdecode(string)", "A list of objects, named by the first line.", 1, 1, _on_text(_decode_csv)
    ),
    Function("jsondecode", "jsondecode(string)", "The value of a JSON text.", 1, 1, _on_text(decode_json)),
    Function("jsonencode", "jsonencode(value)", "The value as JSON.", 1, 1, lambda _, given: encode(given[0])),
    Function("md5", "md5(string)", "The MD5 checksum.", 1, 1, _hash("md5")),
    Function("sha1", "sha1(string)", "The SHA-1 checksum.", 1, 1, _hash("sha1")),
    Function("sha256", "sha256(string)", "The SHA-256 checksum.", 1, 1, _hash("sha256")),
    Function("sha512", "sha512(string)", "The SHA-512 checksum.", 1, 1, _hash("sha512")),
    Function("urldecode", "urldecode(string)", "The text of a part of a URL.", 1, 1, _on_text(unquote_plus)),
    Function("urlencode", "urlencode(string)", "The text as a part of a URL.", 1, 1, _on_text(quote_plus)),
    Function("yamldecode", "yamldecode(string)", "The value of a YAML text.", 1, 1, _decode_yaml),
)
