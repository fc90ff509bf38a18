"""Literals, written in the form of another type."""

import re

from tars.rust.rules_support.types import RustType, is_float, is_integer


def rewritten(text: str, wanted: RustType) -> str | None:
    """The literal of the wanted type with the same meaning as this one; None where there is none, or `text` is none."""
    number = re.fullmatch(r"(-?)(\d[\d_]*)(?:\.([\d_]*))?(?:_?([iuf]\d+|[iu]size))?", text)
    if number and (number[3] is not None or (number[4] or "").startswith("f")):
        if is_integer(wanted) and not (number[3] or "").strip("0_"):
            return number[1] + number[2]
    elif number:
        whole = number[2].lstrip("0_") or "0"
        by_type = {"bool": {"0": "false", "1": "true"}.get(text), "String": f'"{text}".to_string()'}
        if is_float(wanted):
            return f"{number[1]}{number[2]}.0"
        if wanted.head == "&" and wanted.inner.head == "str":
            return f'"{text}"'
        if wanted.head == "char" and len(whole) == 1 and not number[1]:
            return f"'{whole}'"
        return by_type.get(wanted.head)
    letter = re.fullmatch(r"'(\\?.+)'", text)
    if letter and wanted.head == "u8" and letter[1].isascii() and not letter[1].startswith("\\u"):
        return f"b{text}"
    byte = re.fullmatch(r"b('\\?.+')", text)
    if byte and wanted.head == "char":
        return byte[1]
    if letter and wanted.head in ("str", "String"):
        return f'"{letter[1]}"' + (".to_string()" if wanted.head == "String" else "")
    if letter and letter[1].isdigit() and (is_integer(wanted) or wanted.head == "{integer}"):
        return letter[1]
    if wanted.head == "bool" and text in ('"true"', '"false"'):
        return text.strip('"')
    if text in ("true", "false") and is_integer(wanted):
        return "1" if text == "true" else "0"
    if content := re.fullmatch(r'"(-?\d+)(\.\d+)?"', text):
        if is_integer(wanted) and not content[2]:
            return content[1]
        if is_float(wanted):
            return f"{content[1]}{content[2] or '.0'}"
    return None
