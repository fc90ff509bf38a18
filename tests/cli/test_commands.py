"""Every command does what its manual says, in text and as one JSON object that names its schema."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest

from tars.ui.cli.dispatch import actions_of, parser_of
from tars.ui.cli.manual import page
from tars.ui.cli.overview import verbs

RunTarscli = Callable[..., "subprocess.CompletedProcess[str]"]
RunLines = Callable[[list[list[str]], Path], list[tuple[int | str, str, str]]]

ANSWERS: list[tuple[str, str]] = [
    ("check", "diagnostics"),
    ("client", "languages"),
    ("check pipeline.tars", "diagnostics"),
    ("completion zsh", "code"),
    ("convert pipeline.tars --to json", "text"),
    ("diff v1 v2", "modules"),
    ("diff first@v1 first@v2", "modules"),
    ("doctor", "languages"),
    ("evolve log", "sessions"),
    ("explain", "codes"),
    ("explain T0031", "explanation"),
    ("fmt --check", "files"),
    ("gc --dry-run", "objects"),
    ("gc --cache --unused-for 30 --dry-run", "caches"),
    ("history", "runs"),
    ("history first", "records"),
    ("logs", "logs"),
    ("logs second", "logs"),
    ("memory beliefs", "beliefs"),
    ("memory contradictions", "contradictions"),
    ("memory export", "beliefs"),
    ("new --list", "templates"),
    ("new another", "files"),
    ("run --dry-run", "plan"),
    ("run --sandbox none", "event"),
    ("run-module second --sandbox none", "event"),
    ("rust review list", "patches"),
    ("rust schema", "names"),
    ("rust schema patch", "document"),
    ("schema", "document"),
    ("schema --record", "document"),
    ("show first@v1", "files"),
    ("show first --file first.py", "text"),
    ("simulate-agentic pipeline.tars --dry-run", "modules"),
    ("store verify", "sound"),
    ("store repair", "restored"),
    ("versions", "versions"),
    ("versions first", "versions"),
    ("why first --sandbox none", "grounds"),
    ("rollback first@v1 --yes", "version"),
    ("prune --keep 1", "pruned"),
]
"""In this order, one after the other, in one project."""


@pytest.fixture(scope="module")
def answers(
    _project_with_versions: Path, tmp_path_factory: pytest.TempPathFactory, run_lines: RunLines
) -> dict[str, tuple[int | str, str, str]]:
    folder = tmp_path_factory.mktemp("answers") / "project"
    shutil.copytree(_project_with_versions, folder, symlinks=True)
    lines = [words for words, _ in ANSWERS]
    return dict(zip(lines, run_lines([[*words.split(), "--json"] for words in lines], folder), strict=True))


@pytest.mark.parametrize(("words", "field"), ANSWERS, ids=[words for words, _ in ANSWERS])
def test_json(words: str, field: str, answers: dict[str, tuple[int | str, str, str]]) -> None:
    verb = words.split()[0]
    code, out, err = answers[words]
    assert code == 0, err
    lines = out.splitlines()
    assert len(lines) == 1 or verb in ("run", "run-module")
    for line in lines:
        answer = json.loads(line)
        assert answer["schema"] == f"tars.{'-'.join(words.split()[:2]) if actions_of(verb) else verb}/1"
        assert field in answer
    assert lines


ACTIONS = [(verb, action) for verb in verbs() for action in actions_of(verb)]


def test_every_command_is_among_them() -> None:
    """But for the servers, which speak with their clients alone, and types, which are tested with compilers."""
    assert {words.split()[0] for words, _ in ANSWERS} | {"lsp", "mcp", "stubs"} == set(verbs())


@pytest.mark.parametrize("verb", [*verbs(), *(" ".join(words) for words in ACTIONS)])
def test_every_command_has_a_manual_with_examples(verb: str) -> None:
    text = page(parser_of(*verb.split()))
    assert text.startswith(f"Usage: tarscli {verb}")
    assert "Examples:" in text
    assert f"  tarscli {verb}" in text or f"(tarscli {verb}" in text
    assert "--json" in text
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("verb", [*(one for one in verbs() if not actions_of(one)), *map(" ".join, ACTIONS)])
def test_the_json_of_every_command_is_documented(verb: str) -> None:
    page = Path(__file__).parents[2] / "docs" / "guide" / "command-line.md"
    assert f"`{verb}`" in page.read_text(encoding="utf-8")


def test_check_finds_errors(project: Path, run_tarscli: RunTarscli) -> None:
    (project / "bad.tars").write_text('python_modul "x" {\n  source = "first.py"\n}\n')
    done = run_tarscli("check", "bad.tars", folder=project, code=1)
    assert "bad.tars:1" in done.stdout
    assert "python_module" in done.stdout
    assert "Checked 1 file: 1 error, 0 warnings" in done.stderr
    answer = json.loads(run_tarscli("check", "bad.tars", "--json", folder=project, code=1).stdout)
    assert answer["errors"] >= 1
    sarif = json.loads(run_tarscli("check", "bad.tars", "--format", "sarif", folder=project, code=1).stdout)
    assert sarif["version"] == "2.1.0"
    assert sarif["runs"][0]["results"]


def test_check_of_two_projects(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    wrong = 'locals {\n  aaa = uper("x")\n}\n'
    for name, text in {"p1/x.tars": f"# 1\n# 2\n# 3\n{wrong}", "p2/x.tars": wrong}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    words = ("check", "p1/x.tars", "p2/x.tars")
    done = run_tarscli(*words, folder=tmp_path, code=1)
    assert "p1/x.tars:5:9" in done.stdout
    assert "p2/x.tars:2:9" in done.stdout
    assert done.stdout.count("aaa = uper") == 2
    places = [
        one["place"] for one in json.loads(run_tarscli(*words, "--json", folder=tmp_path, code=1).stdout)["diagnostics"]
    ]
    assert [(place["path"], place["line"]) for place in places] == [("p1/x.tars", 5), ("p2/x.tars", 2)]


def test_check_knows_that_what_never_ran_has_no_versions(fresh: Path, run_tarscli: RunTarscli) -> None:
    run_tarscli("check", folder=fresh)
    text = 'use_python_module = "first@v1"\n'
    (fresh / "pipeline.tars").write_text((fresh / "pipeline.tars").read_text() + text, encoding="utf-8")
    assert "T0056" in run_tarscli("check", folder=fresh, code=1).stdout
    assert not (fresh / ".tars").exists()


@pytest.mark.parametrize("words", ["run bad.tars", "why first --file bad.tars"])
def test_a_metascript_with_errors_makes_no_project(words: str, fresh: Path, run_tarscli: RunTarscli) -> None:
    (fresh / "bad.tars").write_text("root:x:0:0\n")
    assert "nothing was run" in run_tarscli(*words.split(), folder=fresh, code=1).stderr
    assert not (fresh / ".tars").exists()


def test_explain_what_is_found_outside_of_metascripts(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    listed = run_tarscli("explain", folder=tmp_path).stdout
    for code in ("M0001", "S0001", "S0002", "S0003", "S0004", "S0005", "S0006"):
        title = run_tarscli("explain", code, folder=tmp_path).stdout.splitlines()[0].removeprefix(f"{code}: ")
        assert f"{code}  {title}\n" in listed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run --engine nope", "known: local, ray"),
        ("rust golden", "required: ACTION\n"),
        ("simulate-agentic --jobs 0", "`0` is not a whole number between 1"),
    ],
)
def test_wrong_words_are_named_with_the_right_ones(words: str, said: str, fresh: Path, run_tarscli: RunTarscli) -> None:
    assert said in run_tarscli(*words.split(), folder=fresh, code=2).stderr


def test_explain_prints_no_control_characters(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    assert "a = 1\\x00" in run_tarscli("explain", "T0023", folder=tmp_path).stdout


def test_a_run_with_errors_says_them(project: Path, run_tarscli: RunTarscli) -> None:
    (project / "bad.tars").write_text('python_module "x" {\n  sorce = "first.py"\n}\n')
    done = run_tarscli("run", "bad.tars", folder=project, code=1)
    assert "sorce" in done.stderr
    assert "bad.tars:2" in done.stderr
    assert "nothing was run" in done.stderr


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_a_metascript_without_modules(text: str, tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "a.tars").write_text(text)
    run_tarscli("check", folder=tmp_path)
    run_tarscli("run", folder=tmp_path)


UGLY = 'python_module   "x"   {  source="a.py"   }\n'
NEAT = 'python_module "x" { source = "a.py" }\n'


def test_fmt(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    file = tmp_path / "a.tars"
    file.write_text(UGLY)
    run_tarscli("fmt", "--check", folder=tmp_path, code=1)
    shown = run_tarscli("fmt", "--diff", folder=tmp_path).stdout
    assert '-python_module   "x"' in shown
    assert file.read_text() == UGLY
    run_tarscli("fmt", folder=tmp_path)
    assert file.read_text() == NEAT
    run_tarscli("fmt", "--check", folder=tmp_path)


def test_fmt_tells_of_all_files(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    for name, text in {"a.tars": "a = \n", "b.tars": "\nb = [\n", "c.tars": UGLY}.items():
        (tmp_path / name).write_text(text)
    answer = json.loads(run_tarscli("fmt", "--json", folder=tmp_path, code=1).stdout)
    assert {one["place"]["path"] for one in answer["diagnostics"]} == {"a.tars", "b.tars"}
    assert "a.tars, b.tars" in answer["error"]["message"]
    assert answer["files"] == [{"path": "c.tars", "changed": True}]
    assert (tmp_path / "c.tars").read_text() == NEAT
    assert "b.tars:2" in run_tarscli("fmt", folder=tmp_path, code=1).stderr


def test_fmt_shows_changed_line_ends(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "a.tars").write_bytes(b"a = 1\r\nb = 2")
    shown = run_tarscli("fmt", "--diff", folder=tmp_path).stdout.splitlines()
    assert shown[3:] == ["-a = 1\\x0d", "-b = 2", "\\ No newline at end of file", "+a = 1", "+b = 2"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes among its files")
def test_what_is_no_file_is_told(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    os.mkfifo(tmp_path / "pipe.tars")
    (tmp_path / "link.tars").symlink_to("gone.tars")
    for verb in ("check", "fmt"):
        assert "is a pipe or a device" in run_tarscli(verb, "pipe.tars", folder=tmp_path, code=2).stderr
    done = run_tarscli("check", "link.tars", folder=tmp_path, code=2)
    assert "`link.tars` is a link to `gone.tars`, which does not exist" in done.stderr


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_convert_there_and_back(form: str, project: Path, run_tarscli: RunTarscli) -> None:
    text = run_tarscli("convert", "pipeline.tars", "--to", form, folder=project).stdout
    (project / f"other.{form}").write_text(text)
    back = run_tarscli("convert", f"other.{form}", "--to", "tars", folder=project).stdout
    (project / "again.tars").write_text(back)
    again = run_tarscli("convert", "again.tars", "--to", form, folder=project).stdout
    assert again == text


@pytest.mark.parametrize(
    ("name", "text"), [("a.yaml", "a: 1e400\n"), ("a.yaml", "- 1\n"), ("a.yaml", ""), ("a.json", '{"x": "${"}')]
)
@pytest.mark.parametrize("form", ["json", "yaml", "tars"])
def test_convert_refuses_what_is_no_metascript(
    name: str, text: str, form: str, tmp_path: Path, run_tarscli: RunTarscli
) -> None:
    (tmp_path / name).write_text(text)
    done = run_tarscli("convert", name, "--to", form, folder=tmp_path, code=1)
    assert done.stdout == ""
    assert "T0024" in done.stderr


def test_new_overwrites_nothing(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "pipeline.tars").write_text("mine")
    done = run_tarscli("new", "demo", folder=tmp_path, code=1)
    assert "already has pipeline.tars; nothing was written" in done.stderr
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["pipeline.tars"]
    assert (tmp_path / "demo" / "pipeline.tars").read_text() == "mine"


def test_rollback_asks_first(project: Path, run_tarscli: RunTarscli) -> None:
    before = (project / "second.py").read_text()
    done = run_tarscli("rollback", "second@v1", folder=project, code=2)
    assert "replace  second.py" in done.stdout
    assert "--yes" in done.stderr
    assert (project / "second.py").read_text() == before
    run_tarscli("rollback", "second@v1", "--yes", folder=project)
    assert (project / "second.py").read_text() != before
    again = run_tarscli("rollback", "second@v1", "--yes", folder=project)
    assert "nothing to do" in again.stderr


def test_logs_keep_the_streams_apart(project: Path, run_tarscli: RunTarscli) -> None:
    assert run_tarscli("logs", "first", "--stdout", folder=project).stdout == "first ran\n"
    assert run_tarscli("logs", "first", "--stderr", folder=project).stdout == "a warning\n"
    assert "second ran hello" in run_tarscli("logs", folder=project).stdout


def test_logs_say_what_was_not_kept(fresh: Path, run_tarscli: RunTarscli) -> None:
    (fresh / "first.py").write_text((fresh / "first.py").read_text() + 'sys.stdout.write("x" * (17 << 20))\n')
    run_tarscli("run", "--only", "first", "--sandbox", "none", "--quiet", folder=fresh)
    more = (1 << 20) + len("first ran\n")
    text = run_tarscli("logs", folder=fresh).stdout
    assert f"… and {more:,} bytes more of stdout, which were not kept\n-- stderr\n" in text
    told = json.loads(run_tarscli("logs", "first", "--json", folder=fresh).stdout)["logs"][0]
    assert (told["stdout_dropped_bytes"], told["stderr_dropped_bytes"]) == (more, 0)


def test_the_name_of_a_metric_does_not_reach_the_terminal(fresh: Path, run_tarscli: RunTarscli) -> None:
    report = 'open(__import__("os").environ["TARS_EVENTS"], "w").write(\'{"metric": {"\\\\u001b[31mre\\\\nd": 1}}\')\n'
    (fresh / "first.py").write_text((fresh / "first.py").read_text() + report)
    run_tarscli("run", "--only", "first", "--sandbox", "none", "--quiet", folder=fresh)
    assert "  re\\nd  1" in run_tarscli("show", "first", folder=fresh).stdout


def test_the_next_command_can_be_pasted(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    assert "Next: cd 'two words' && tarscli run" in run_tarscli("new", "two words", folder=tmp_path).stderr


def test_show_a_file_as_it_was(project: Path, run_tarscli: RunTarscli) -> None:
    assert run_tarscli("show", "first@v1", "--file", "output/first.txt", folder=project).stdout == "ONE\n"
    assert run_tarscli("show", "first", "--file", "output/first.txt", folder=project).stdout == "TWO\n"


def test_why_names_what_changed(project: Path, run_tarscli: RunTarscli) -> None:
    assert "would not run" in run_tarscli("why", "first", "--sandbox", "none", folder=project).stdout
    (project / "in.txt").write_text("three\n")
    done = run_tarscli("why", "first", "--sandbox", "none", folder=project)
    assert "would run" in done.stdout
    assert "in.txt" in done.stdout


@pytest.mark.parametrize(
    ("code", "text"), [("python:ValueError", "Inappropriate argument value"), ("go:panic", "own tools call `panic`")]
)
def test_explain_what_a_tool_said(code: str, text: str, tmp_path: Path, run_tarscli: RunTarscli) -> None:
    assert text in run_tarscli("explain", code, folder=tmp_path).stdout


def test_explain_in_the_words_of_rustc(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    text = run_tarscli("explain", "rust:E0277", folder=tmp_path).stdout
    if "trait" not in text:
        pytest.skip("there is no rustc on this machine, or it has no explanations")
    assert "rust's own tools call `E0277`" in text


def test_diff_is_in_a_format_that_can_be_applied(project: Path, run_tarscli: RunTarscli) -> None:
    text = run_tarscli("diff", "v1", "v2", "--module", "second", folder=project).stdout
    assert "--- a/second.py\n+++ b/second.py\n@@ " in text
    assert "+# changed" in text


def test_unused_for_empties_only_what_is_old(project: Path, user_cache: Path, run_tarscli: RunTarscli) -> None:
    run_tarscli("gc", "--unused-for", "1", folder=project, code=2)
    build = user_cache / "builds-1/ab/c"
    build.mkdir(parents=True)
    (build / "file").write_text("x")
    assert "0 B of the cache" in run_tarscli("gc", "--cache", "--unused-for", "1", folder=project).stdout
    assert build.exists()
    os.utime(build, (1, 1))
    run_tarscli("gc", "--cache", "--unused-for", "1", folder=project)
    assert not build.exists()


def test_the_schema_of_records_is_that_of_the_records(project: Path, run_tarscli: RunTarscli) -> None:
    validator = jsonschema_rs.validator_for(json.loads(run_tarscli("schema", "--record", folder=project).stdout))
    records = list((project / "output/logs").iterdir())
    assert records
    assert all(validator.is_valid(json.loads(path.read_text())) for path in records)


def test_doctor_refuses_a_metascript_that_it_cannot_read(fresh: Path, run_tarscli: RunTarscli) -> None:
    assert (
        "there is no file `nope.tars`"
        in run_tarscli("doctor", "--quick", "--file", "nope.tars", folder=fresh, code=2).stderr
    )
    assert "is a folder" in run_tarscli("doctor", "--quick", "--file", ".", folder=fresh, code=2).stderr
    (fresh / "wrong.tars").write_text('python_module "a" {\n  sauce = "a.py"\n}\n')
    named = run_tarscli("doctor", "--quick", "--json", "--file", "wrong.tars", folder=fresh, code=1)
    assert json.loads(named.stdout)["diagnostics"]
    assert "wrong.tars has errors" in run_tarscli("doctor", "--quick", folder=fresh).stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such file names")
def test_why_a_module_runs_is_one_line_whatever_its_files_are_called(tmp_path: Path, run_tarscli: RunTarscli) -> None:
    (tmp_path / "p.tars").write_text('python_module "a" {\n  source = "pkg"\n  output = "output/a.txt"\n}\n')
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__main__.py").write_text('import os\nopen(os.environ["TARS_OUTPUT"], "w").write("x")\n')
    forging = tmp_path / "pkg" / "b.py\na: failed"
    forging.write_text("1\n")
    run_tarscli("run", "--sandbox", "none", folder=tmp_path)
    forging.write_text("2\n")
    for words in (("run", "--dry-run"), ("why", "a"), ("run", "--sandbox", "none")):
        done = run_tarscli(*words, folder=tmp_path)
        assert "source pkg/b.py\\na: failed changed" in done.stdout + done.stderr
