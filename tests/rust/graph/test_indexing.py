"""The project graph on disk: what an index holds, that an edit costs only the file, and that damage is made good."""

import subprocess
from pathlib import Path

import pytest

from tars.core.errors import StoreError, UsageError
from tars.rust.checking.workspace import Target, find_target
from tars.rust.graph import graph_of, index_project, symbols_of
from tars.rust.graph.indexing import commit_of
from tars.rust.graph.stored import NAME
from tars.rust.syntax.source import SourceFile

SOURCES = {
    "Cargo.toml": '[package]\nname = "two-parts"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/lib.rs": "pub mod shapes;\nmod gone;\npub use shapes::Circle;\n",
    "src/shapes.rs": "#[derive(Clone)]\npub struct Circle { pub radius: f64 }\n"
    "pub trait Area { fn area(&self) -> f64; }\n"
    "impl Area for Circle { fn area(&self) -> f64 { 3.0 * self.radius } } // Circle\n",
    "src/main.rs": "use two_parts::Circle;\nfn main() { let _ = Circle { radius: 1.0 }; }\n",
}


@pytest.fixture
def target(tmp_path: Path) -> Target:
    for path, text in SOURCES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return find_target(tmp_path)


def test_an_index_reports_what_is_there(target: Target, tmp_path: Path) -> None:
    report = index_project(target, tmp_path / "cache")
    assert (report.files, report.read) == (3, ("src/lib.rs", "src/main.rs", "src/shapes.rs"))
    assert report.items == {"fn": 3, "mod": 2, "struct": 1, "trait": 1}
    assert (report.imports, report.implementations, report.modules) == (2, 1, 3)
    assert report.crates == ("two_parts",)
    assert report.missing == ("src/lib.rs: mod gone",)
    assert report.bytes == sum(len(text) for path, text in SOURCES.items() if path.endswith(".rs"))


def test_only_what_changed_is_read_again(target: Target, tmp_path: Path) -> None:
    index_project(target, tmp_path / "cache")
    assert index_project(target, tmp_path / "cache").read == ()
    (tmp_path / "src/gone.rs").write_text("pub fn found() {}\n")
    assert index_project(target, tmp_path / "cache").read == ("src/gone.rs",)
    (tmp_path / "src/gone.rs").unlink()
    last = index_project(target, tmp_path / "cache")
    assert (last.read, last.gone) == ((), ("src/gone.rs",))


def test_a_name_is_answered_with_all_that_is_known_of_it(target: Target, tmp_path: Path) -> None:
    answer = graph_of(target, "Circle", tmp_path / "cache")
    (circle,) = answer.symbols
    assert (circle.path, circle.kind, circle.visibility) == ("two_parts::shapes::Circle", "struct", "pub")
    assert (circle.spot.path, circle.spot.line, circle.spot.column) == ("src/shapes.rs", 2, 12)
    assert circle.members == ("pub radius: f64",)
    assert circle.traits == ("Area", "Clone")
    assert {"area", "clone"} <= {method.name for method in circle.methods}
    assert [(spot.path, spot.line) for spot in answer.mentions] == [
        ("src/lib.rs", 3), ("src/main.rs", 1), ("src/main.rs", 2), ("src/shapes.rs", 2), ("src/shapes.rs", 4)
    ]  # fmt: skip
    assert graph_of(target, "Area", tmp_path / "cache").symbols[0].implementors == ("Circle",)
    assert graph_of(target, "Circle::area", tmp_path / "cache").symbols[0].declaration == "fn area(&self) -> f64"
    assert graph_of(target, "Circel", tmp_path / "cache").near[0] == "Circle"
    with pytest.raises(UsageError, match="is no name or path"):
        graph_of(target, "a b", tmp_path / "cache")


def test_another_crate_of_the_workspace_is_named_by_its_name(target: Target, tmp_path: Path) -> None:
    files = {path: SourceFile(path, text.encode()) for path, text in SOURCES.items() if path.endswith(".rs")}
    place = files["src/main.rs"].place(files["src/main.rs"].root.children[1])
    found = symbols_of(files, "2021", {"src/lib.rs": "two_parts"}).paths_of("Circle", place)
    assert found == ["two_parts::Circle", "two_parts::shapes::Circle"]


def test_a_damaged_index_is_made_anew_and_an_unwritable_one_is_told(target: Target, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    index_project(target, cache)
    (cache / NAME).write_bytes(b"not a database" * 1000)
    assert len(index_project(target, cache).read) == 3
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot keep the project graph"):
        index_project(target, tmp_path / "file" / "cache")


def test_the_key_names_the_commit(target: Target, tmp_path: Path) -> None:
    assert commit_of(tmp_path / "src") == ""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", str(tmp_path)]
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        subprocess.run([*git, *command], check=True)
    wanted = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert commit_of(tmp_path / "src") == wanted
    subprocess.run([*git, "pack-refs", "--all"], check=True)
    assert index_project(target, tmp_path / "cache").key.commit == wanted
