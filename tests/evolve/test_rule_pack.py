"""The rule pack for metascripts, whole: what each rule forbids is refused, and the change of nothing passes."""

from pathlib import Path

import pytest

from tars.evolve.metascripts.metascript_subject import MetascriptSubject
from tars.evolve.rule import RULES

LAB = """python_module "a" {
  source        = "a.py"
  input         = "in.txt"
  output        = "output/a.json"
  output_schema = "schema.json"
}

python_module "b" {
  source     = "a.py"
  input      = python_module.a.output
  output     = "output/b.json"
  depends_on = [python_module.a]
}

belief_graph "lab" {
  belief "wet" {
    statement  = "the ground is wet"
    confidence = 0.7
    supports   = ["rain"]
  }
  belief "rain" {
    statement  = "it rains"
    confidence = 0.7
  }
}

evolve "lab" {
  goal = "findings"
}
"""
TWICE = 'python_module "a" {\n  source = "a.py"\n  output = "output/c.json"\n}\n'


@pytest.fixture
def subject(tmp_path: Path) -> MetascriptSubject:
    for name, text in (("lab.tars", LAB), ("a.py", ""), ("in.txt", ""), ("schema.json", "{}"), ("other.json", "{}")):
        (tmp_path / name).write_text(text)
    return MetascriptSubject(tmp_path, "lab.tars", LAB, "findings", tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("", TWICE, "E0203"),
        ("input      = python_module.a", "input      = python_module.gone", "E0203"),
        ("depends_on = [python_module.a]", "depends_on = [python_module.gone]", "E0203"),
        ('supports   = ["rain"]', 'supports   = ["snow"]', "E0203"),
        ("    confidence = 0.7\n  }\n}", '    confidence = 0.7\n    supports = ["wet"]\n  }\n}', "E0205"),
        ('"schema.json"', '"other.json"', "E0204"),
        ('  output_schema = "schema.json"\n', "", "E0204"),
        ('"output/a.json"', '"output/z.json"', "E0204"),
        ('input         = "in.txt"', 'input         = "in.txt"\n  sandbox = "none"', "E0202"),
        ('goal = "findings"', 'goal = "execution_time_ms"', "E0201"),
        ('goal = "findings"', 'goal = "findings"\n  approval = "automatic"', "E0201"),
        ("", "settings {\n  jobs = 9\n}\n", "E0201"),
        ("", "# " + "x" * 12_000 + "\n", "E0103"),
    ],
)
def test_what_a_rule_forbids_is_refused(subject: MetascriptSubject, old: str, new: str, code: str) -> None:
    assert old in LAB
    after = LAB.replace(old, new, 1) if old else LAB + new
    found = subject.findings(LAB, after)
    assert code in [one.code for one in found], found


@pytest.mark.parametrize(
    ("old", "new"), [('  output_schema = "schema.json"\n', ""), ('"output/a.json"', '"output/z.json"')]
)
def test_errors_elsewhere_hide_no_breaking_change(subject: MetascriptSubject, old: str, new: str) -> None:
    broken = LAB.replace("depends_on", "dependson")
    assert subject.meaning(broken).metascript is None
    assert "E0204" in [one.code for one in subject.findings(broken, broken.replace(old, new))]
    assert not subject.findings(broken, LAB), "a mend is none"


def test_the_change_of_nothing_passes_and_so_does_an_allowed_one(subject: MetascriptSubject) -> None:
    assert not subject.findings(LAB, LAB)
    assert not subject.findings(LAB, LAB.replace("  depends_on = [python_module.a]\n", ""))
    assert not subject.findings(LAB, LAB.replace("confidence = 0.7", "confidence = 0.4"))


def test_the_metascript_may_name_itself(subject: MetascriptSubject) -> None:
    assert not subject.diagnostics(LAB)
    assert subject.meaning(LAB).metascript is not None
    assert sorted(each.name for each in subject.project.iterdir() if each.suffix == ".tars") == ["lab.tars"]


def test_every_rule_is_on_by_default() -> None:
    codes = {RULES.load(name).code for name in RULES.names()}
    assert codes >= {"E0101", "E0102", "E0103", "E0104", "E0105", "E0201", "E0202", "E0203", "E0204", "E0205"}
