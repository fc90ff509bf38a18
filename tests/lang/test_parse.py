"""The syntax: what HCL's specification and its conformance suite accept and reject, and what the values are."""

import gc
import sys
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tars.lang.checks import codes, find
from tars.lang.syntax.parse import parse, parse_expression, parse_template
from tars.lang.syntax.tree import (
    Attribute,
    Binary,
    Block,
    Call,
    Conditional,
    Expression,
    For,
    GetAttribute,
    Index,
    Interpolation,
    Literal,
    Name,
    Object,
    Parenthesis,
    Splat,
    SplatItem,
    Template,
    TemplateFor,
    TemplateIf,
    Tuple,
    Unary,
)

GENERATED = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=50)


def show(node: object) -> object:
    """An expression as something short: text for references and operators, Python's own values for literals."""
    match node:
        case Literal():
            return node.value
        case Name():
            return f"@{node.name}"
        case SplatItem():
            return "@"
        case GetAttribute():
            return f"{show(node.source)}.{node.name}"
        case Index():
            return f"{show(node.source)}[{show(node.key)!r}]"
        case Splat():
            return f"{show(node.source)}{'[*]' if node.full else '.*'}<{show(node.each)}>"
        case Unary():
            return (node.operator, show(node.operand))
        case Binary():
            return (show(node.left), node.operator, show(node.right))
        case Conditional():
            return ("?", show(node.condition), show(node.then), show(node.otherwise))
        case Parenthesis():
            return ("()", show(node.inner))
        case Tuple():
            return [show(item) for item in node.items]
        case Object():
            return {show(item.key): show(item.value) for item in node.items}
        case Call():
            return (f"{node.name}()", *(show(item) for item in node.arguments), *(["..."] if node.expand else []))
        case For():
            key = None if node.result_key is None else show(node.result_key)
            condition = None if node.condition is None else show(node.condition)
            return ("for", node.key, node.value, show(node.collection), key, show(node.result), condition, node.group)
        case Template():
            return ("t", *(show(part) for part in node.parts))
        case Interpolation():
            return ("$", show(node.expression))
        case TemplateIf():
            return ("if", show(node.condition), [show(p) for p in node.then], [show(p) for p in node.otherwise])
        case TemplateFor():
            return ("for", node.key, node.value, show(node.collection), [show(p) for p in node.parts])
    return node


EXPRESSIONS: dict[str, object] = {
    # literal values
    "5": 5, "3.2": 3.2, "1e3": 1000.0, "2.5E-1": 0.25, "true": True, "false": False, "null": None, '"hello"': "hello",
    '"ЖЖ"': "ЖЖ", '"👩"': "👩", '"an\u0303os"': "a\u00f1os", '""': "",
    # escapes
    r'"\n\r\t\"\\"': '\n\r\t"\\', r'"\u00e9\U0001F469"': "é👩", '"$${a} %%{b}"': "${a} %{b}",
    '"$5 100% $$ %%"': "$5 100% $$ %%", '"$$${a}"': "$${a}",
    # operators and their precedence
    "1 + 2 * 3": (1, "+", (2, "*", 3)), "1 - 2 - 3": ((1, "-", 2), "-", 3), "x / y * z": (("@x", "/", "@y"), "*", "@z"),
    "a || b && c": ("@a", "||", ("@b", "&&", "@c")), "a == b && c != d": (("@a", "==", "@b"), "&&", ("@c", "!=", "@d")),
    "1 < 2 == 3 >= 4": ((1, "<", 2), "==", (3, ">=", 4)), "11 % 5.1": (11, "%", 5.1), "-a.b": ("-", "@a.b"),
    "!a == b": (("!", "@a"), "==", "@b"), "- -1": ("-", ("-", 1)), "a-b": "@a-b", "a - b": ("@a", "-", "@b"),
    "(1 + 2) * 3": (("()", (1, "+", 2)), "*", 3), "(\n1\n+\n2\n)": ("()", (1, "+", 2)),
    "a ? b : c": ("?", "@a", "@b", "@c"), "a ? b : c ? d : e": ("?", "@a", "@b", ("?", "@c", "@d", "@e")),
    # collections
    "[]": [], "[1, 2]": [1, 2], "[1,\n2,\n]": [1, 2], "[(for), x]": [("()", "@for"), "@x"],
    '["a" # c\n, "b"]': ["a", "b"], "{}": {}, '{a = 1, "b" : 2}': {"a": 1, "b": 2},
    "{\na = 1\n\nb = 2\n}": {"a": 1, "b": 2}, '{"for" = 1}': {"for": 1}, "{baz = 2, for = 1}": {"baz": 2, "for": 1},
    "{(for) = 1}": {("()", "@for"): 1}, '{"a${b}" = 1}': {("t", "a", ("$", "@b")): 1}, "{1 = 2,}": {1: 2},
    "[{a = 1}, {b = 2}]": [{"a": 1}, {"b": 2}],
    # references, indices, splats
    "a.b.c": "@a.b.c", "a[0]": "@a[0]", 'a["x"].b': "@a['x'].b", "a.0.b": "@a[0].b", "a[\n0\n]": "@a[0]",
    "a [1] . b": "@a[1].b", "t.*.foo.bar[0]": "@t.*<@.foo.bar>[0]", "t[*].foo.bar[0]": "@t[*]<@.foo.bar[0]>",
    "t.*": "@t.*<@>", "t[*]": "@t[*]<@>", "t.*.0": "@t.*<@[0]>", "a[*].b[*].c": "@a[*]<@.b[*]<@.c>>",
    # calls
    "f()": ("f()",), "f(1, x)": ("f()", 1, "@x"), "f(x...)": ("f()", "@x", "..."), "f(\n1,\n2,\n)": ("f()", 1, 2),
    "a::b::c(1)": ("a::b::c()", 1), "f (1)": ("f()", 1), "f(g(1)).a": "('f()', ('g()', 1)).a",
    # for expressions
    "[for v in x: v]": ("for", "", "v", "@x", None, "@v", None, False),
    "[for i, v in x: v if i < 2]": ("for", "i", "v", "@x", None, "@v", ("@i", "<", 2), False),
    "{for i, v in x: v => i}": ("for", "i", "v", "@x", "@v", "@i", None, False),
    "{for i, v in x: v => i...}": ("for", "i", "v", "@x", "@v", "@i", None, True),
    "{\nfor k, v in x\n:\nk => v\nif v\n}": ("for", "k", "v", "@x", "@k", "@v", "@v", False),
    # templates
    '"a ${b} c"': ("t", "a ", ("$", "@b"), " c"), '"${true}"': ("t", ("$", True)),
    '"${"${x}"}"': ("t", ("$", ("t", ("$", "@x")))), '"hello ${~ "world" }"': ("t", "hello", ("$", "world")),
    '"${"hello" ~}${" world"}"': ("t", ("$", "hello"), ("$", " world")),
    '"%{ if true ~} hello %{~ endif }"': ("t", ("if", True, ["hello"], [])),
    '"%{ if a }x%{ else }y%{ endif }"': ("t", ("if", "@a", ["x"], ["y"])),
    '"%{ for v in [true] }${v}%{ endfor }"': ("t", ("for", "", "v", [True], [("$", "@v")])),
    '"%{ for k, v in m }%{ if v }${k}%{ endif }%{ endfor }"': (
        "t",
        ("for", "k", "v", "@m", [("if", "@v", [("$", "@k")], [])]),
    ),
    '"${{a = 1}.a}"': ("t", ("$", "{'a': 1}.a")), '"${f("}")}"': ("t", ("$", ("f()", "}"))),
    '"${\n x\n}"': ("t", ("$", "@x")),
    # heredocs
    "<<EOT\nFoo\nBar\nEOT": "Foo\nBar\n", "<<EOT\n    Foo\n  EOT": "    Foo\n",
    "<<-EOT\n    Foo\n      Bar\n    Baz\n  EOT": "Foo\n  Bar\nBaz\n",
    "<<-EOT\n    Foo\n  Bar\n    Baz\n  EOT": "  Foo\nBar\n  Baz\n", "<<EOT\n    NOT EOT\n  EOT": "    NOT EOT\n",
    "<<E\nE": "", "<<-EOT\n\tFoo\n  Bar\n  EOT": "Foo\n Bar\n", "<<-EOT\n    Foo\n\n    Bar\n  EOT": "Foo\n\nBar\n",
    "<<-EOT\n  \u2003 Foo\n    Bar\n  EOT": "Foo\nBar\n",
    "<<-EOT\n    Foo\n      ${bar}\n    Baz\n  EOT": ("t", "Foo\n  ", ("$", "@bar"), "\nBaz\n"),
    "<<-EOT\n    Foo\n  ${bar}\n    Baz\n  EOT": ("t", "  Foo\n", ("$", "@bar"), "\n  Baz\n"),
    "<<EOT\n%{ for x in y ~}\n  ${x}\n%{ endfor ~}\nEOT": ("t", ("for", "", "x", "@y", ["  ", ("$", "@x"), "\n"])),
    '<<EOT\n\\n "q" $${x}\nEOT': '\\n "q" ${x}\n', "<<EOT\r\na\r\nEOT": "a\n",
}  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expression(text: str) -> None:
    node, diagnostics = parse_expression(text)
    assert diagnostics == ()
    assert show(node) == EXPRESSIONS[text]
    assert (node[0], node[1]) == (0, len(text))


BODIES: dict[str, object] = {
    "# a comment\n": [], "// a comment": [], "/* a\n b */": [], "": [], "\ufeffa = 1": [("a", 1)],
    "a = 1\nb = 2\n": [("a", 1), ("b", 2)], "a = 1 # c\n": [("a", 1)], "a = /* c */ 1 // c": [("a", 1)],
    "true = true\nnull = null\nfor = 1\n": [("true", True), ("null", None), ("for", 1)], "a\t=\t1\r\n": [("a", 1)],
    "a {\n}\n": [("a", [], [])], "a {}\n": [("a", [], [])], 'a "b" c {\n}': [("a", ["b", "c"], [])],
    'a { b = "foo" }\n': [("a", [], [("b", "foo")])], 'a "x\\ny" {\n}\n': [("a", ["x\ny"], [])],
    "a {\n  b {\n    c = 1\n  }\n}\n": [("a", [], [("b", [], [("c", 1)])])],
    "a {\nb {\nc = 1\n}\n}\n": [("a", [], [("b", [], [("c", 1)])])], "ünï-cödé = 1\n": [("ünï-cödé", 1)],
    "a = [\n1 # x\n]\nb = 2": [("a", [1]), ("b", 2)], "_a = 1": [("_a", 1)],
    # the one extension
    "a { b = 1  c = [2] }\n": [("a", [], [("b", 1), ("c", [2])])],
    'agentic typescript { file = "x"  traits = ["y"] }': [
        ("agentic", ["typescript"], [("file", "x"), ("traits", ["y"])])
    ], "a = <<E\nx\nE\nb = 1\n": [("a", "x\n"), ("b", 1)], "a = [<<E\nx\nE\n, 1]\n": [("a", ["x\n", 1])],
}  # fmt: skip


def outline(items: tuple[Attribute | Block, ...]) -> list[object]:
    return [
        (item.name, show(item.value))
        if isinstance(item, Attribute)
        else (item.type, [label.text for label in item.labels], outline(item.body.items))
        for item in items
    ]


@pytest.mark.parametrize("text", BODIES)
def test_body(text: str) -> None:
    file = parse(text)
    assert file.diagnostics == ()
    assert outline(file.body.items) == BODIES[text]


REJECTED = {
    # the conformance suite's own
    'a = "a value", b = "b value"\n': "T0011", 'a { b = "foo", c = "bar" }\n': "T0011", 'a { b = "foo"\n}\n': "T0026",
    'a { b = "foo"\n  c = "bar" }\n': "T0026", "a { d {} }\n": "T0026", "a {\n": "T0001", "a = 1 b = 2\n": "T0011",
    "a {\n  b = 1 }\n": "T0026", "a {} b {}\n": "T0011",
    # the specification's words
    "a = [for, foo, baz]": "T0019", "a = {for = 1, baz = 2}": "T0019", "a = foo.0.0.bar": "T0027",
    "a = [for x in y : x => z]": "T0003", 'a = "x\ny"': "T0007", "a = 1 +\n2": "T0006", "a = x\n.y\n": "T0010",
    "a = f(x..., y)": "T0003", "a = [1 2]": "T0020", "a = {b = 1 c = 2}": "T0020", "a = {b.c = 1}": "T0021",
    "a = x.*.*": "T0012", 'a "${b}" {\n}': "T0029", "a = 'b'": "T0008", "a: 1": "T0005", "a 1": "T0004", "a": "T0010",
    "a =": "T0006", "a {\n}\n}": "T0002", "a\n{\n}": "T0009", "a = 0x10": "T0027", "a = 1_000": "T0027",
    "a = 1e999": "T0027", "a = ;": "T0013", "a = 1;": "T0013", "a = “b”": "T0013", "a = b && ": "T0006",
    "a = <<E\nx": "T0015", "a = << E\nE\n": "T0015", "/* x": "T0016", "a = 1 /* x": "T0016", 'a = "${b"': "T0017",
    'a = "%{ while }"': "T0018", 'a = "%{ endif }"': "T0018", 'a = "%{ if b }x%{ endfor }"': "T0018", "a == 1": "T0012",
    "a = b ? c": "T0028",
    "a = (1": "T0003",
    "a 'b' {\n}": "T0008",
    "a = [1)": "T0003",
    "a = a::b": "T0012", "a\0": "T0023", r'a = "\d"': "T0014", r'a = "\ud800"': "T0014", "1 = 2": "T0010",
    '"a" = 1': "T0010", "a b c\n": "T0009", "a.b = 1": "T0010", "a = b\u00a0c": "T0013", "a = -": "T0006",
}  # fmt: skip


@pytest.mark.parametrize("text", REJECTED)
def test_rejected(text: str) -> None:
    found = parse(text).diagnostics
    assert [diagnostic.code for diagnostic in found][:1] == [REJECTED[text]]
    assert all(diagnostic.hint and diagnostic.span for diagnostic in found)


@pytest.mark.parametrize("text", REJECTED)
def test_fixes_mend(text: str) -> None:
    """Where a fix is offered, the text has fewer errors with it."""
    before = parse(text).diagnostics
    fix = before[0].fix
    for edit in sorted(fix, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    if fix:
        assert len(parse(text).diagnostics) < len(before)


@pytest.mark.parametrize("code", [code for code in codes() if code < "T0030" and code != "T0024"])
def test_examples_of_codes(code: str) -> None:
    check = find(code)
    assert check is not None
    assert [found.code for found in parse(check.wrong + "\n").diagnostics] == [code]
    assert parse(check.right + "\n").diagnostics == ()


SPANS = {"a = 1": "a = 1", 'x "y" {\n}\n': 'x "y" {\n}', " b = [1] # c\n": "b = [1]"}


@pytest.mark.parametrize("text", SPANS)
def test_spans(text: str) -> None:
    item = parse(text).body.items[0]
    assert text[item.start : item.end] == SPANS[text]


@given(chance=st.randoms(use_true_random=False))
@GENERATED
def test_every_span_lies_within_its_parent(document: Callable[[Random], str], chance: Random) -> None:
    text = document(chance)
    file = parse(text)
    assert file.diagnostics == ()
    pending: list[tuple[tuple[object, ...], int, int]] = [(file.body, 0, len(text))]
    while pending:
        node, low, high = pending.pop()
        if hasattr(node, "_fields"):
            start, end = node[0], node[1]
            assert isinstance(start, int)
            assert isinstance(end, int)
            assert low <= start <= end <= high
            low, high = start, end
        pending.extend((child, low, high) for child in node if isinstance(child, tuple))


HARD = {
    "brackets": "x = " + "[" * 100_000,
    "parentheses": "x = " + "(" * 100_000,
    "objects": "x = " + "{" * 100_000, "blocks": "a {\n" * 100_000, "one-line blocks": "a { " * 100_000,
    "sums": "x = " + "1+" * 100_000 + "1", "members": "x = a" + ".b" * 100_000, "signs": "x = " + "!" * 100_000,
    "indices": "x = a" + "[0]" * 100_000, "conditionals": "x = " + "a ? b : " * 50_000,
    "templates": 'x = "' + '${"' * 100_000, "directives": 'x = "' + "%{if a}" * 10_000 + "%{endif}" * 10_000 + '"',
    "closers": "}" * 100_000, "comments": "x = 1 /* y\n" * 5_000, "quotes": 'x = "\n' * 100_000,
    "heredocs": "x = <<A\n" * 5_000, "50 MB": "a = 1\n" * 8_400_000, "surrogates": 'a = "\ud800"\n\udfff = 1\n',
    "missing braces": "".join(f"a b{i} {{\n  x = 1\n" for i in range(2000)), "digits": "x = " + "9" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HARD)
def test_hard_input_gives_diagnostics(name: str) -> None:
    limit = sys.getrecursionlimit()
    file = parse(HARD[name])
    assert file.diagnostics
    assert len(file.diagnostics) <= 2001
    assert sys.getrecursionlimit() == limit


ROWS = {
    "operators": ("1", " + 1"),
    "attributes": ("a", ".b"),
    "indices": ("a", "[0]"),
    "splats": ("a.*", ".b"),
    "signs": ("!" * 40, "!"),
}


@pytest.mark.parametrize("row", ROWS)
def test_a_row_of_operations_that_is_too_long_is_not_kept(row: str) -> None:
    """It is refused where the limit is passed: the tree of a million operations takes gigabytes, and minutes."""
    first, more = ROWS[row]
    last = "true" if row == "signs" else ""
    assert parse(f"a = {first}{more * 100}{last}\nb = 1\n").diagnostics == ()
    text = f"a = {first}{more * 100_000}{last}\nb = 1\n"
    tracemalloc.start()
    try:
        file = parse(text)
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [found.code for found in file.diagnostics] == ["T0022"]
    assert [item.name for item in file.body.items if isinstance(item, Attribute)] == ["a", "b"]
    assert peak_bytes < 2 * len(text) + 1_000_000


def test_what_is_deep_but_allowed_can_be_walked() -> None:
    node, diagnostics = parse_expression("[" * 99 + "1" + "]" * 99)
    assert diagnostics == ()
    assert "1" in str(show(node))


@given(
    data=st.one_of(
        st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
    )
)
@GENERATED
def test_no_bytes_make_it_raise(data: bytes) -> None:
    for text in (data.decode("utf-8", "replace"), data.decode("latin-1"), data.decode("utf-8", "surrogateescape")):
        parse(text)
        parse_expression(text)
        parse_template(text)


@given(chance=st.randoms(use_true_random=False))
@GENERATED
def test_no_edit_makes_it_raise(document: Callable[[Random], str], chance: Random) -> None:
    text = document(chance)
    for _ in range(6):
        place = chance.randrange(len(text) + 1)
        piece = chance.choice(
            ['"', "{", "}", "[", "]", "(", ")", "${", "%{", "<<E\n", "\n", "/*", "*/", "#", "~", "\\", "::", "..."]
        )
        text = text[:place] + piece + text[place + chance.randrange(3) :]
        for found in parse(text).diagnostics:
            assert found.span is not None
            assert 0 <= found.span.start <= found.span.end <= len(text)


LISTED_REASONS = frozenset(
    {"T0002", "T0011", "T0019", "T0026", "T0006", "T0010", "T0012", "T0013", "T0014", "T0018", "T0021", "T0029"}
)
"""What tree-sitter-hcl accepts and HCL does not: statements and values not ended by a newline (its grammar knows
none), `intrue` for `in true`, a `(` on the line after a name, carriage returns alone, unknown escapes, references as
keys, `.*` after `.*`, templates as labels, loose directives."""


@given(chance=st.randoms(use_true_random=False))
@GENERATED
def test_what_tree_sitter_accepts_is_accepted(document: Callable[[Random], str], chance: Random) -> None:
    tree_sitter = pytest.importorskip("tree_sitter", reason="pip install tree-sitter tree-sitter-hcl")
    hcl = pytest.importorskip("tree_sitter_hcl", reason="pip install tree-sitter tree-sitter-hcl")
    parser = tree_sitter.Parser(tree_sitter.Language(hcl.language()))
    text = document(chance)
    for _ in range(4):
        file = parse(text)
        if not parser.parse(text.encode()).root_node.has_error:
            assert {found.code for found in file.diagnostics[:1]} <= LISTED_REASONS, text
        place = chance.randrange(len(text) + 1)
        text = text[:place] + text[place + 1 :]


def test_the_oracle_rejects_too() -> None:
    tree_sitter = pytest.importorskip("tree_sitter", reason="pip install tree-sitter tree-sitter-hcl")
    hcl = pytest.importorskip("tree_sitter_hcl", reason="pip install tree-sitter tree-sitter-hcl")
    parser = tree_sitter.Parser(tree_sitter.Language(hcl.language()))
    assert parser.parse(b"a = [\n").root_node.has_error
    assert not parser.parse(b"a = [1]\n").root_node.has_error


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    parse("a = 1\n")
    assert gc.isenabled()
    gc.disable()
    try:
        parse("a = 1\n")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_templates_as_data() -> None:
    cases: dict[str, object] = {"plain \\n": "plain \\n", "$${x}": "${x}", "a ${b}": ("t", "a ", ("$", "@b")), "": ""}
    for text, expected in cases.items():
        node: Expression
        node, diagnostics = parse_template(text)
        assert diagnostics == ()
        assert show(node) == expected
