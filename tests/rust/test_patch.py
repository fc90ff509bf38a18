"""Patches: bound to their bytes, exactly invertible, the same as JSON and as a unified diff."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tars.core.errors import TarsError
from tars.rust.patches.patch import BoundPatch, StalePatchError, between, bind, from_json
from tars.rust.syntax.diff import Size, size_of, unified_diff
from tars.rust.values import Change, Place

PIECES = st.lists(
    st.sampled_from([b"a", b"\n", b"\r\n", "ä".encode(), b"\xff", b"\xef\xbb\xbf", b"x\n", b"fn f() {}\n"])
)
DATA = PIECES.map(b"".join)
TEXTS = st.text(alphabet="ab \nß", max_size=4)


@st.composite
def changed(draw: st.DrawFn) -> tuple[bytes, list[Change]]:
    data = draw(DATA)
    ends = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    spans = zip(ends[::2], ends[1::2], strict=False)
    return data, [Change(Place("a.rs", start, end), draw(TEXTS)) for start, end in spans]


@given(changed())
def test_a_patch_has_an_exact_inverse(case: tuple[bytes, list[Change]]) -> None:
    data, changes = case
    files = {"a.rs": data, "b.rs": b"other"}
    patch = bind(files, changes)
    after = patch.applied(files)
    assert after["b.rs"] == b"other"
    assert patch.inverse().applied(after) == files
    assert patch.inverse().inverse() == patch
    assert from_json(json.loads(json.dumps(patch.to_json()))) == patch


@given(DATA, DATA)
def test_a_patch_between_two_files_leads_from_one_to_the_other(old: bytes, new: bytes) -> None:
    patch = between({"a.rs": old}, {"a.rs": new})
    assert patch.applied({"a.rs": old}) == {"a.rs": new}
    assert patch.inverse().applied({"a.rs": new}) == {"a.rs": old}
    assert bool(patch.files) == (old != new)


@given(changed(), DATA)
def test_a_patch_refuses_all_other_bytes(case: tuple[bytes, list[Change]], other: bytes) -> None:
    data, changes = case
    patch = bind({"a.rs": data}, changes)
    if other != data and patch.files:
        with pytest.raises(StalePatchError, match="was changed"):
            patch.applied({"a.rs": other})
        with pytest.raises(StalePatchError, match="is gone"):
            patch.applied({})


def test_files_that_a_patch_makes_or_removes() -> None:
    before, after = {"lib.rs": b"mod a;\n"}, {"lib.rs": b"mod a;\n", "a.rs": b""}
    patch = between(before, after)
    assert patch.applied(before) == after
    assert patch.inverse().applied(after) == before
    with pytest.raises(StalePatchError):
        patch.applied(after)
    assert bind(before, [Change(Place("a.rs", 0, 0), "")]) == patch


def test_edits_are_as_small_as_the_changes_and_line_breaks_as_in_the_file() -> None:
    data = b"\xef\xbb\xbffn f() {\r\n}\r\n"
    (file,) = bind(
        {"a.rs": data}, [Change(Place("a.rs", 11, 11), "\n    g();"), Change(Place("a.rs", 11, 11), "h();")]
    ).files
    assert [(edit.start, edit.old, edit.new) for edit in file.edits] == [(11, b"", b"\r\n    g();h();")]
    assert bind({"a.rs": data}, [Change(Place("a.rs", 3, 5), "fn")]).files == ()


def test_overlapping_changes_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        bind({"a.rs": b"abcd"}, [Change(Place("a.rs", 0, 3), "x"), Change(Place("a.rs", 2, 4), "y")])


@pytest.mark.parametrize("path", ["../a.rs", "/etc/passwd", "a//b.rs", "", "a\0.rs", "./a.rs"])
def test_a_patch_names_no_file_outside(path: str) -> None:
    body = bind({"a.rs": b"x"}, [Change(Place("a.rs", 0, 1), "y")]).to_json()
    text = json.dumps(body).replace('"a.rs"', json.dumps(path))
    with pytest.raises(TarsError, match="no patch"):
        from_json(json.loads(text))


def test_a_changed_patch_does_not_have_its_id() -> None:
    patch = bind({"a.rs": b"x"}, [Change(Place("a.rs", 0, 1), "y")])
    body = {"id": patch.id, **patch.to_json()}
    assert from_json(body) == patch
    with pytest.raises(TarsError, match="damaged"):
        from_json(json.loads(json.dumps(body).replace('"y"', '"z"')))


def test_sizes() -> None:
    before = {"a.rs": b"a\n-- b\nc\n", "b.rs": b"x"}
    after = {"a.rs": b"a\nB\nc\nd\n", "b.rs": b"y"}
    assert size_of(between(before, after), before) == Size(removed=2, added=3)


DIFFS = [
    ({"a.rs": b"a\nb\nc\n"}, {"a.rs": b"a\nB\nc\n"}),
    ({"a.rs": b"a\r\nb\r\nc"}, {"a.rs": b"a\r\nB\r\nc"}),
    ({"a.rs": b"\xef\xbb\xbfa\nb"}, {"a.rs": b"\xef\xbb\xbfa\nb\n"}),
    ({"a.rs": b"\xff\xfe\n" * 30}, {"a.rs": b"first\n" + b"\xff\xfe\n" * 25 + b"\n" + b"\xff\xfe\n" * 5 + b"last"}),
    ({"a.rs": b"".join(b"%d\n" % n for n in range(99))}, {"a.rs": b"".join(b"%d\n" % n for n in range(99) if n % 9)}),
    ({"a.rs": b"a\n"}, {"a.rs": b"a\n", "src/new.rs": b"new\n"}),
    ({"a.rs": b"a\n", "b.rs": b"b"}, {"a.rs": b"a\n"}),
    ({"a.rs": b"a"}, {"a.rs": b""}),
    ({"new\nline.rs": b"a\n"}, {"new\nline.rs": b"b\n"}),
    ({"\x1b[31mred.rs": b"a\n"}, {"\x1b[31mred.rs": b"b\n"}),
    ({'caf\xe9 "q\\.rs': b"a\n"}, {'caf\xe9 "q\\.rs': b"b\n"}),
    ({"-x \u202e.rs": b"a\n"}, {"-x \u202e.rs": b"b\n"}),
]  # fmt: skip


@pytest.mark.skipif(shutil.which("git") is None, reason="`git apply` is what reads the diffs here")
@pytest.mark.parametrize(("before", "after"), DIFFS)
def test_git_applies_the_diff(before: dict[str, bytes], after: dict[str, bytes], tmp_path: Path) -> None:
    for path, data in before.items():
        (tmp_path / path).write_bytes(data)
    diff = unified_diff(between(before, after), before)
    assert all(character == "\n" or character.isprintable() for line in _headers(diff) for character in line)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, check=True, timeout=60)
    found = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == after


def _headers(diff: bytes) -> list[str]:
    return [line.decode() for line in diff.split(b"\n") if line.startswith((b"--- ", b"+++ "))]


@settings(max_examples=50)
@given(DATA, DATA)
def test_a_diff_has_the_lines_of_both_files(old: bytes, new: bytes) -> None:
    before, after = {"a.rs": old}, {"a.rs": new}
    patch = between(before, after)
    lines = unified_diff(patch, before).split(b"\n")[2:]
    size = size_of(patch, before)
    assert sum(line.startswith(b"-") for line in lines) == size.removed
    assert sum(line.startswith(b"+") for line in lines) == size.added
    assert BoundPatch(()).id != patch.id or old == new
