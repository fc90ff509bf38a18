"""Sets of cases: out of documentation, folders and files that build, and what is said of those that are none."""

from pathlib import Path

import pytest

from tars.core.errors import TarsError, UsageError
from tars.rust.anchors.sources import toolchain_sources
from tars.rust.evaluation.cases import ROOT, Choice, half_of, load_cases
from tars.rust.evaluation.error_cases import Block, blocks_of, error_index_pages, pairs_of
from tars.rust.evaluation.mutate import Request

PAGE = """
<p>Erroneous:</p>
<pre class="playground"><code class="language-rust compile_fail E0384"><span class="boring">#![allow(unused)]
</span><span class="boring">fn main() {
</span>let x = 3;
x = 5; // error: &lt;reassignment&gt;
//~^ ERROR cannot assign twice
println!("{x}");
<span class="boring">}</span></code></pre>
<pre><code class="language-rust ignore">let x = 3; x += ??; println!("{x}");</code></pre>
<pre class="playground"><code class="language-rust">fn unrelated(one: &str) -> usize { one.len() + 1 }</code></pre>
<pre class="playground"><code class="language-rust edition2018"><span class="boring">fn main() {
</span>let mut x = 3;
x = 5;
println!("{x}");
<span class="boring">}</span></code></pre>
<pre class="playground"><code class="language-rust compile_fail E0384">fn other() { let x: u8 = ""; }</code></pre>
<pre class="playground"><code class="language-rust compile_fail E0384">#![feature(never)]
fn nightly() { let x = 1; x = 2; }</code></pre>
"""


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)


def test_examples_are_read_as_shown_and_as_compiled() -> None:
    first, ignored, _, fixed, *_ = blocks_of(PAGE)
    assert first.shown.startswith("let x = 3;\nx = 5; // error: <reassignment>\n\nprintln!")
    assert first.whole.startswith("#![allow(unused)]\nfn main() {\nlet x = 3;")
    assert (first.codes, first.broken, first.usable, first.edition) == (("E0384",), True, True, "2021")
    assert not ignored.usable
    assert (fixed.edition, fixed.broken) == ("2018", False)
    assert Block(frozenset({"ignore", "does_not_compile"}), "", "").usable


def test_an_erroneous_example_is_paired_with_the_correction_that_builds(tmp_path: Path) -> None:
    page = tmp_path / "E0384.html"
    page.write_text(PAGE)
    (pair,) = pairs_of(page)
    assert (pair.name, pair.code, pair.edition) == ("E0384_0", "E0384", "2021")
    assert "let x = 3;" in pair.broken
    assert "let mut x = 3;" in pair.fixed


def test_the_error_index_of_this_machine() -> None:
    documentation = toolchain_sources().documentation
    pages = error_index_pages(documentation) if documentation is not None else ()
    if not pages:
        pytest.skip("the toolchain's documentation is not installed")
    assert len(pages) > 400
    (page,) = [one for one in pages if one.stem == "E0599"]
    pairs = list(pairs_of(page))
    assert {one.code for one in pairs} == {"E0599"}


def test_a_folder_of_cases(tmp_path: Path) -> None:
    broken, fixed = "pub fn one() -> u8 { 1 as }\n", "pub fn one() -> u8 { 1 }\n"
    write(tmp_path / "syntax_1", broken_rs=broken, fixed_rs=fixed, tests_rs="#[test]\nfn it() {}\n")
    write(tmp_path / "syntax_2", broken_rs=broken, case_json='{"edition": "2024", "program": "ring"}')
    write(tmp_path / "syntax_3", broken_rs="#[test]\nfn it() { 1 }\n", case_json='{"program": "ring"}')
    write(tmp_path / "notes", readme_md="no case\n")
    first, second, third = load_cases(str(tmp_path))
    assert (first.name, first.edition, first.has_tests, first.shows_tests) == ("syntax_1", "2021", True, False)
    assert first.known == {ROOT: fixed.encode()}
    assert (second.edition, second.known, second.has_tests) == ("2024", None, False)
    assert third.shows_tests
    assert second.half == third.half == half_of("ring")
    assert load_cases(str(tmp_path), Choice(names=("syntax_2",))) == (second,)
    chosen = load_cases(str(tmp_path), Choice(half=second.half))
    assert [one for one in chosen if one.name != "syntax_1"] == [second, third]


def test_halves_never_change() -> None:
    assert [half_of(name) for name in ("E0382", "E0499", "heck", "semver")] == ["dev", "dev", "test", "dev"]


def test_mutants_of_a_lone_file_are_a_set(tmp_path: Path) -> None:
    file = tmp_path / "double.rs"
    file.write_text("pub fn double(one: u8) -> u8 {\n    one * 2\n}\n")
    cases = load_cases(str(file), Choice(mutants=Request(3, tests=False)))
    assert len(cases) == 3
    assert {one.group for one in cases} == {"mutants/double"}
    assert all(one.known == {ROOT: file.read_bytes()} != one.files for one in cases)
    assert all(one.mutation and one.name.endswith(one.mutation) for one in cases)


@pytest.mark.parametrize(
    ("about", "why"),
    [("{", "is no JSON"), ('{"edition": "2020"}', "names no edition"), ("[]", "names no edition")],
)
def test_a_case_that_is_badly_described(tmp_path: Path, about: str, why: str) -> None:
    write(tmp_path / "one", broken_rs="fn", case_json=about)
    with pytest.raises(TarsError, match=why):
        load_cases(str(tmp_path))


def test_names_of_cases_that_there_are_not(tmp_path: Path) -> None:
    for name in ("moved-1", "moved-2", "lent"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "broken.rs").write_text("fn main() { let a: u8 = true; }\n")
    with pytest.raises(UsageError) as caught:
        load_cases(str(tmp_path), Choice(names=("moved",)))
    assert caught.value.hint == "there is moved-1, moved-2"


def test_what_is_no_set(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no set of cases"):
        load_cases(str(tmp_path / "gone"))
    with pytest.raises(UsageError, match="holds no case"):
        load_cases(str(tmp_path))
