"""The index of the standard library: made once from the documentation, and what stands in where there is none."""

import subprocess
import sys
from pathlib import Path

import pytest

from tars.rust.graph.project import Project
from tars.rust.graph.std_index import documentation, open_index
from tars.rust.graph.std_pages import plain, returned
from tars.rust.graph.symbols import Graph

PAGE = """<h1>Enum <span class="enum">Coin</span></h1><pre class="rust item-decl"><code>pub enum Coin {}</code></pre>
<h2 id="variants" class="variants section-header">Variants</h2>
<section id="variant.Penny" class="variant"><h3 class="code-header">Penny</h3></section>
<h2 id="implementations" class="section-header">Implementations</h2>
<section id="impl-Coin" class="impl"><h3 class="code-header">impl <a class="enum" href="#">Coin</a></h3></section>
<section id="method.value" class="method"><h4 class="code-header">pub fn <a href="#">value</a>(&amp;self) -&gt; u8</h4>
</section></summary><div>The value.</div>
<section id="method.soon" class="method"><h4 class="code-header">pub fn soon(&amp;self)</h4></section>\
<span class="item-info"><div class="stab unstable">nightly</div></span>
<h2 id="trait-implementations" class="section-header">Trait Implementations</h2>
<section id="impl-Clone-for-Coin" class="impl"><h3 class="code-header">impl \
<a class="trait" href="#" title="trait std::clone::Clone">Clone</a> for <a class="enum" href="#">Coin</a></h3></section>
"""
INDEX = """<dl class="item-table"><dt><a class="enum" href="enum.Coin.html" title="enum std::money::Coin">Coin</a></dt>
<dt><a class="fn" href="fn.melt.html" title="fn std::money::melt">melt</a><wbr>\
<span class="stab unstable" title="">Experimental</span></dt></dl>"""


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "std/money").mkdir(parents=True)
    (tmp_path / "std/index.html").write_text("")
    (tmp_path / "std/money/index.html").write_text(INDEX)
    (tmp_path / "std/money/enum.Coin.html").write_text(PAGE)
    return tmp_path / "std"


def test_pages_are_read_without_what_is_experimental(pages: Path, tmp_path: Path) -> None:
    index = open_index(pages, tmp_path / "cache")
    assert index.complete
    assert [item.path for item in index.items("Coin")] == ["std::money::Coin"]
    assert index.items("melt") == []
    assert [(row.name, row.signature, row.of) for row in index.methods("std::money::Coin")] == [
        ("value", "pub fn value(&self) -> u8", "Coin")
    ]
    assert [row.trait for row in index.impls("std::money::Coin")] == ["std::clone::Clone"]
    assert index.variants("std::money::Coin") == ["Penny"]


def test_it_is_made_once_and_again_where_it_is_damaged(pages: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    open_index(pages, cache)
    (made,) = (cache / "rust-std-1").iterdir()
    stamp = made.stat().st_mtime_ns
    open_index(pages, cache)
    assert made.stat().st_mtime_ns == stamp
    made.write_bytes(b"damage")
    assert open_index(pages, cache).items("Coin")
    assert [one.name for one in (cache / "rust-std-1").iterdir()] == [made.name]


def test_two_processes_may_make_it_at_once(pages: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tars.rust.graph.std_index import open_index\n"
        "print(open_index(Path(sys.argv[1]), Path(sys.argv[2])).variants('std::money::Coin'))"
    )
    command = [sys.executable, "-c", program, str(pages), str(tmp_path / "cache")]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [one.communicate(timeout=60)[0] for one in running] == ["['Penny']\n"] * 3
    assert len(list((tmp_path / "cache/rust-std-1").iterdir())) == 1


def test_an_unwritable_cache_costs_time_but_no_answer(pages: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert open_index(pages, tmp_path / "file").variants("std::money::Coin") == ["Penny"]


def test_without_documentation_a_short_table_stands_in(tmp_path: Path) -> None:
    index = open_index(None, tmp_path)
    graph = Graph({}, "2021", lambda: Project({}, {}), lambda: index)
    assert not index.complete
    assert graph.paths_of("HashMap") == ["std::collections::HashMap"]
    assert graph.variants_of("Option<i32>") == ["None", "Some(_)"]
    assert "len" in {method.name for method in graph.methods_of("Vec<i32>")}
    assert graph.implements("i32", "Copy") is True
    assert graph.implements("Vec<i32>", "Display") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(documentation() is None, reason="the toolchain came without its documentation")
def test_the_real_pages_give_thousands_of_methods(tmp_path: Path) -> None:
    index = open_index(documentation(), tmp_path)
    assert index.count > 900
    assert len(index.methods("std::iter::Iterator")) > 60
    (required,) = [row.name for row in index.methods("std::iter::Iterator") if row.required]
    assert required == "next"


@pytest.mark.parametrize(
    ("signature", "result"),
    [
        ("fn len(&self) -> usize", "usize"),
        ("fn push(&mut self, value: T)", "()"),
        ("fn map<U, F: FnOnce(T) -> U>(self, f: F) -> Option<U> where F: Sized,", "Option<U>"),
        ("fn or<F>(self, f: F) -> Result<T, E> { ... }", "Result<T, E>"),
    ],
)
def test_return_types(signature: str, result: str) -> None:
    assert returned(signature) == result


def test_markup_becomes_text() -> None:
    assert (
        plain('fn <a href="#">a</a>(&amp;self) <div class="where">where\n    T: A,</div>') == "fn a(&self) where T: A,"
    )
