"""Mends expressions as other languages write them: `a ? b : c`, `(x) => x + 1`, `lambda x: x`, `f"{x}"`, `throw e`."""

import re
from collections.abc import Iterator

from tars.rust.rules_support.mend import Mend, Site
from tars.rust.rules_support.syntax import Edit, is_syntax, offered
from tars.rust.values import Example, Patch, Place

_TERNARY = re.compile(
    rb"(?P<test>[^=;{}(,?]*[^=;{}(,?\s])\s*\?\s*(?P<yes>[^:;{}?]+?)\s*:\s*(?P<no>[^;{}]+?)(?=\s*[;,)}]|$)"
)
_FORMS: tuple[tuple[re.Pattern[bytes], bytes, str, float], ...] = (
    (re.compile(rb"\((?P<given>[\w\s,:&]*)\)\s*=>\s*"), rb"|%(given)s| ", "write the closure with bars", 0.85),
    (re.compile(rb"\blambda\s+(?P<given>[\w\s,]*):\s*"), rb"|%(given)s| ", "write the closure with bars", 0.85),
    (re.compile(rb"\bfn\s*\((?P<given>[^()]*)\)\s*(?=\{)"), rb"|%(given)s| ", "write the closure with bars", 0.6),
    (re.compile(rb"\bf(?P<text>\"(?:\\.|[^\"\\\n])*\")"), rb"format!(%(text)s)", "use `format!`", 0.92),
    (re.compile(rb"\b(?:throw|raise)\s+(?:new\s+)?(?P<value>[^;]+);"), rb"return Err(%(value)s);", "return the error",
     0.85),
    (re.compile(rb"\bnull\b"), b"None", "`None` is nothing", 0.6),
    (re.compile(rb"\b(?P<name>vec|println|print|format|assert|assert_eq|panic|eprintln|write|writeln)(?P<open>[\[(])"),
     rb"%(name)s!%(open)s", "call the macro with `!`", 0.8),
    (re.compile(rb"\bfrom\s+(?P<of>[\w:.]+)\s+import\s+(?P<what>\w+)\s*;?"), rb"use %(of)s::%(what)s;",
     "import with `use`", 0.9),
    (re.compile(rb"^[ \t]*#\s*include\s*[<\"][^>\"\n]*[>\"][ \t]*;?"), b"", "Rust has no header files", 0.8),
    (re.compile(rb"\b(?P<left>[\w.]+)\s*\*\*\s*(?P<right>\w+)"), rb"%(left)s.pow(%(right)s)", "use `pow`", 0.5),
    (re.compile(rb"\b(?P<name>\w+)(?:\+\+|--)"), rb"%(name)s += 1", "add one", 0.3),
    (re.compile(rb"\breturn\s*=\s*"), b"return ", "return the value", 0.8),
    (re.compile(rb"\blet\s+(?P<first>[^=;,]+=[^;,(]+),\s*(?P<then>\w+\s*=[^;,]+);"), rb"let %(first)s; let %(then)s;",
     "declare each with its own `let`", 0.93),
    (re.compile(rb"(?P<open>[<&]\s*)(?P<name>[a-z])(?P<end>\s*[>,]|\s+(?:mut\s+)?[\w\[(])"),
     rb"%(open)s'%(name)s%(end)s", "write the lifetime with its quote", 0.4),
)  # fmt: skip


def _patches(site: Site) -> Iterator[Patch]:
    if is_syntax(site) and "delimiter" not in site.diagnostic.message:
        yield from offered(site.file, _edits(site))


def _edits(site: Site) -> Iterator[Edit]:
    file = site.file
    start, end = file.line_start(site.place.start), file.line_end(site.place.start)
    if b"?" in file.data[start:end] and "ternary" in site.diagnostic.message:
        found = _TERNARY.search(file.data, start, end)
        if found is not None:
            branches = b"if %s { %s } else { %s }" % (found["test"].lstrip(), found["yes"], found["no"])
            at = found.start() + len(found["test"]) - len(found["test"].lstrip())
            place = Place(file.path, at, found.end())
            yield Edit(
                (file.replace(place, branches.decode("utf-8", "replace")),), "write it with `if` and `else`", 0.92
            )
    for form, template, what, likely in _FORMS:
        changes = []
        for found in form.finditer(file.data, start, end):
            groups = {name.encode(): value for name, value in found.groupdict().items()}
            text = (template % groups).decode("utf-8", "replace")
            changes.append(file.replace(Place(file.path, found.start(), found.end()), text))
        for change in changes:
            yield Edit((change,), what, likely)
        if len(changes) > 1:
            yield Edit(tuple(changes), what, likely)


PLUGIN = Mend(
    codes=("",),
    title="write an expression as Rust does",
    cites=("docs:reference/expressions.html", "docs:reference/expressions/if-expr.html"),
    examples=(
        Example(
            "pub fn small(x: u8) -> u8 {\n    let y = x > 3 ? 1 : 2;\n    y\n}\n",
            "pub fn small(x: u8) -> u8 {\n    let y = if x > 3 { 1 } else { 2 };\n    y\n}\n",
        ),
        Example(
            "pub fn next() -> u8 {\n    let f = (x: u8) => x + 1;\n    f(1)\n}\n",
            "pub fn next() -> u8 {\n    let f = |x: u8| x + 1;\n    f(1)\n}\n",
        ),
        Example(
            'pub fn show(x: u8) -> String {\n    f"x is {x}"\n}\n',
            'pub fn show(x: u8) -> String {\n    format!("x is {x}")\n}\n',
        ),
    ),
    patches=_patches,
)
