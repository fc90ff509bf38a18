"""Citations: what they stand for, that they are proven or refused, and the index over what can be cited."""

import os
import sqlite3
import subprocess
import sys
import threading
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.errors import CorruptError, StoreError, TarsError, UnavailableError
from tars.rust.anchors.blocks import blocks_of, marked_blocks_of
from tars.rust.anchors.index import PARTS, Index, match_any
from tars.rust.anchors.library import Library, open_library
from tars.rust.anchors.pages import Section, section_named, sections_of
from tars.rust.anchors.related import related
from tars.rust.anchors.sources import Sources
from tars.rust.anchors.text import readable
from tars.rust.values import Anchor, Place, Sha256

BOOK = b"""<!DOCTYPE html><html lang="en"><head></head><body><h1 class="menu-title">Menu</h1><main>
<div class="rule" id="r-move"><a class="rule-link" href="#r-move"><span>[move]</span></a></div>
<h1 id="moves"><a class="header" href="#moves">Moves</a></h1>
<div class="rule" id="r-move.intro"><a class="rule-link" href="#r-move.intro"><span>[move.intro]</span></a></div>
<p>A <code>move</code> ends a value&rsquo;s name.</p>
<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>
<pre class="playground"><code class="language-rust compile_fail E0382"><span class="boring">#![allow(unused)]
</span>let b = a &amp;&amp; c;
</code></pre>
<h2 id="copies"><a class="header" href="#copies">Copies</a></h2>
<p>Copies stay.</p>
<h3 id="deep"><a class="header" href="#deep">Deep</a></h3>
<p>Deeper.</p>
<h2 id="empty"><a class="header" href="#empty">Empty</a></h2>
<h2 id="last"><a class="header" href="#last">Last</a></h2><p>The end.</p>
</main></body></html>"""
ITEM = b"""<!DOCTYPE html><html lang="en"><body><nav><section id="rustdoc-toc"></section></nav><main>
<section id="main-content" class="content"><div class="rustdoc-breadcrumbs"><a>std</a></div><h1>Struct <span>Jar</span>\
<button>Copy item path</button></h1><div class="docblock"><p>Holds things.</p></div>
<h2 id="implementations" class="section-header">Implementations<a class="anchor">\xc2\xa7</a></h2>
<details class="toggle method-toggle" open><summary><section id="method.take" class="method">\
<span class="rightside"><span class="since">1.0.0</span> <a class="src" href="x">Source</a></span>\
<h4 class="code-header">pub fn <a>take</a>(self) -&gt; T<div class="where">where T: Copy</div></h4></section></summary>\
<div class="docblock"><p>Takes it.</p><h5 id="panics">Panics</h5><p>When empty.</p></div></details>
<h2 id="trait-implementations" class="section-header">Trait Implementations</h2>
<section id="impl-Clone" class="impl"><h3 class="code-header">impl Clone for Jar</h3></section><p>Repeated.</p>
</section></main></body></html>"""


def installed() -> Library:
    """The library of this machine's toolchain, or a skip where its documentation is not installed."""
    library = open_library()
    if library.sources.documentation is None:
        pytest.skip("the toolchain's documentation is not installed")
    return library


def small_library(folder: Path) -> Library:
    """A library of two pages, a translation, a page that moved, and a project of one file."""
    pages = {
        "error_codes/E0382.html": BOOK,
        "error_codes/E0383.html": BOOK.replace(b"Copies stay", b"Nothing stays"),
        "error_codes/print.html": BOOK,
        "reference/moves.html": BOOK,
        "book/ja/moves.html": BOOK.replace(b'lang="en"', b'lang="ja"'),
        "book/old.html": b'<html lang="en"><meta http-equiv="refresh" content="0; url=new.html"></html>',
        "std/struct.Jar.html": ITEM,
    }
    for path, page in pages.items():
        (folder / "docs" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / path).write_bytes(page)
    (folder / "project" / "src").mkdir(parents=True)
    (folder / "project" / "src" / "lib.rs").write_bytes(b"fn one() {}\r\nfn two() {}\n// \xc3\xa4")
    told = {"E0382": b"A variable was used.\n\n```\nlet b = a;\n```\n\nClone it.\n"}
    return Library(Sources(folder / "docs", folder / "project", told.get))


def text_of(page: bytes, fragment: str) -> str:
    section = section_named(page, fragment)
    assert section is not None
    return readable(page[section.start : section.end])


def test_a_fragment_stands_for_its_part_with_all_below_it() -> None:
    assert text_of(BOOK, "copies") == "Copies\n\nCopies stay.\n\nDeep\n\nDeeper."
    assert text_of(BOOK, "deep") == "Deep\n\nDeeper."
    assert text_of(BOOK, "last") == "Last\n\nThe end."
    assert text_of(BOOK, "").startswith("Moves\n\nA `move` ends a value’s name.\n- one\n  - inner\n- two")
    assert text_of(BOOK, "").endswith("```\nlet b = a && c;\n```")
    assert text_of(BOOK, "r-move.intro").startswith("A `move`")
    assert "Copies stay" in text_of(BOOK, "r-move"), "the rule above a heading is the whole section's"
    assert section_named(BOOK, "nothing") is None


def test_a_members_part_begins_with_its_signature_and_ends_with_its_documentation() -> None:
    assert text_of(ITEM, "method.take") == "pub fn take(self) -> T where T: Copy\n\nTakes it.\n\nPanics\n\nWhen empty."
    assert text_of(ITEM, "panics") == "Panics\n\nWhen empty."


def test_the_sections_of_a_page_do_not_overlap_and_each_says_something() -> None:
    for page in (BOOK, ITEM):
        found = sections_of(page)
        assert all(one.end <= other.start for one, other in pairwise(found))
        assert all(readable(page[one.start : one.end]) for one in found)
    titles = [one.title for one in sections_of(BOOK)]
    assert titles == ["Moves", "Moves › Copies", "Moves › Copies › Deep", "Moves › Last"]
    whole, searched = (sections_of(ITEM, whole=whole) for whole in (True, False))
    assert [one.fragment for one in searched] == ["", "method.take"]
    assert "impl-Clone" in {one.fragment for one in whole}


def test_blocks_are_paragraphs_lists_and_examples_with_their_classes() -> None:
    section = section_named(BOOK, "")
    assert section is not None
    paragraph, items, example = blocks_of(BOOK, section)
    assert BOOK[paragraph.start : paragraph.end].startswith(b"<p>A ")
    assert BOOK[items.start : items.end].endswith(b"<li>two</li></ul>"), "a list within a list does not end it"
    assert example.is_code
    assert example.is_broken
    assert {"E0382", "language-rust"} <= example.classes
    told = b"### Title\nWhat it is,\nand why.\n```rust,no_run\nlet a = 1;\n\nlet b = 2;\n```\nDone.\n"
    first, code, last = marked_blocks_of(told, Section("", "", 0, len(told), 1))
    assert told[first.start : first.end] == b"What it is,\nand why."
    assert code.classes == {"language-rust", "language-no_run"}
    assert told[last.start : last.end] == b"Done."


def test_an_anchor_holds_the_exact_bytes_and_their_digest(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    for citation in (
        "docs:error_codes/E0382.html",
        "docs:reference/moves.html#deep",
        "code:src/lib.rs#L2",
        "tool:E0382",
    ):
        anchor = library.anchor_for(citation)
        document = library.sources.read(anchor.source)
        cited = document[anchor.start : anchor.end]
        assert anchor.digest == sha256(cited).hexdigest()
        assert library.resolve(anchor) == cited.decode()
        assert library.holds(anchor)
    assert library.resolve(library.anchor_for("code:src/lib.rs#L1-L2")) == "fn one() {}\r\nfn two() {}\n"
    assert library.resolve(library.anchor_at(Place("src/lib.rs", 3, 6))) == "one"
    passage = library.passage("docs:reference/moves.html#deep")
    assert (passage.title, passage.text) == ("Moves › Copies › Deep", "Deeper.")
    assert passage.address == "docs:reference/moves.html#deep"
    assert library.passage("code:src/lib.rs#L2").address == "src/lib.rs:2"


@pytest.mark.parametrize("change", [b"x", b"", b"fn ONE() {}\r\nfn two() {}\n// \xc3\xa4"])
def test_an_anchor_to_changed_bytes_is_refused(tmp_path: Path, change: bytes) -> None:
    library = small_library(tmp_path)
    anchor = library.anchor_for("code:src/lib.rs#L1")
    (tmp_path / "project" / "src" / "lib.rs").write_bytes(change)
    with pytest.raises(CorruptError, match="no longer says"):
        library.resolve(anchor)
    assert not library.holds(anchor)


def test_a_forged_anchor_is_refused(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    anchor = library.anchor_for("docs:reference/moves.html#deep")
    forged = (
        replace(anchor, digest=Sha256("0" * 64)), replace(anchor, start=anchor.start + 1), replace(anchor, end=10**9),
        replace(anchor, source="docs:error_codes/E0383.html"),
        replace(anchor, source="docs:../docs/reference/moves.html"),
    )  # fmt: skip
    for one in forged:
        with pytest.raises(TarsError):
            library.resolve(one)


@pytest.mark.parametrize(
    "citation",
    [
        "docs:nothing.html", "docs:reference/moves.html#nothing", "docs:../../secret", "docs:/etc/passwd", "code:",
        "code:src/lib.rs#L0", "code:src/lib.rs#L9", "code:src/lib.rs#L2-L1", "code:src/lib.rs#frag", "web:a", "E0382",
        "docs:book/old.html", "docs:reference", "tool:E9999", "docs:\0",
    ],
)  # fmt: skip
def test_a_citation_of_nothing_is_an_error_that_says_so(tmp_path: Path, citation: str) -> None:
    library = small_library(tmp_path)
    with pytest.raises(TarsError) as caught:
        library.anchor_for(citation)
    assert caught.value.message
    assert caught.value.hint or "project" in caught.value.message
    assert library.anchors_for([citation, "docs:reference/moves.html#deep"]) == (
        library.anchor_for("docs:reference/moves.html#deep"),
    )


def test_without_documentation_only_citing_it_is_an_error(tmp_path: Path) -> None:
    library = Library(Sources(None, None, {"E0382": b"Told.\n"}.get))
    assert library.resolve(library.anchor_for("tool:E0382")) == "Told.\n"
    with pytest.raises(UnavailableError, match="not installed"):
        library.anchor_for("docs:error_codes/E0382.html")
    with pytest.raises(UnavailableError, match="not installed"):
        Index(library, tmp_path).search("moves")
    with pytest.raises(TarsError, match="none was named"):
        library.anchor_for("code:src/lib.rs")


def test_a_search_ranks_sections_and_every_hit_resolves(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    index = Index(library, tmp_path / "cache")
    assert not index.is_made("errors")
    hits = index.search("do copies stay?", parts=("errors", "reference"))
    assert hits[0].address == "docs:error_codes/E0382.html#copies"
    assert "docs:reference/moves.html#copies" in {hit.address for hit in hits[:3]}
    assert all(library.holds(hit.anchor) for hit in hits)
    assert [hit.rank for hit in hits] == sorted((hit.rank for hit in hits), reverse=True)
    assert index.is_made("errors")
    assert not index.is_made("std"), "only what was searched is made"
    assert index.search("take", parts=("std",))[0].address == "docs:std/struct.Jar.html#method.take"
    assert index.search("Repeated", parts=("std",)) == ()
    assert index.search("moves", parts=("guides",)) == (), "a translation is not searched"
    assert index.search("the of ?!") == ()
    assert match_any('a "quoted" NEAR(x) *') == '"quoted" OR "near" OR "x"'


def test_an_index_that_is_damaged_or_stale_is_made_anew(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    index = Index(library, tmp_path / "cache")
    (before,) = index.search("nothing", parts=("errors",))
    page = tmp_path / "docs" / "error_codes" / "E0383.html"
    page.write_bytes(page.read_bytes().replace(b"<p>Nothing", b"<p>Really nothing"))
    (after,) = index.search("nothing", parts=("errors",))
    assert after.anchor.digest != before.anchor.digest
    index.file("errors").write_bytes(b"no database at all" * 100)
    assert index.search("nothing", parts=("errors",)) == (after,)
    assert not list(index.file("errors").parent.glob("*.part"))


def test_an_index_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="cannot write the index"):
        Index(small_library(tmp_path), tmp_path / "cache").search("moves")


def test_two_who_make_the_index_at_once_both_find(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(Index(library, tmp_path / "cache").search("copies")))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert found[0]
    assert all(one == found[0] for one in found)


def test_a_maker_that_is_killed_leaves_nothing_that_is_taken_for_an_index(tmp_path: Path) -> None:
    library = small_library(tmp_path)
    index = Index(library, tmp_path / "cache")
    program = (
        "import os, sys; from pathlib import Path; sys.path.insert(0, sys.argv[2])\n"
        "from tars.rust.anchors.index import Index\nfrom tars.rust.anchors.library import Library\n"
        "from tars.rust.anchors.sources import Sources\nroot = Path(sys.argv[1])\n"
        "index = Index(Library(Sources(root / 'docs', None, {}.get)), root / 'cache')\n"
        "index.make('errors', lambda part, number: os.kill(os.getpid(), 9))"
    )
    source = Path(__file__).parents[2] / "src"
    killed = subprocess.run([sys.executable, "-c", program, tmp_path, source], check=False)
    assert killed.returncode == -9
    assert not index.is_made("errors")
    assert index.search("copies", parts=("errors",))


def test_the_toolchains_own_pages_can_be_searched_and_cited(tmp_path: Path) -> None:
    library = installed()
    index = Index(library, tmp_path)
    hits = index.search("cannot borrow as mutable more than once at a time", parts=("errors",), limit=5)
    assert "docs:error_codes/E0499.html#error-code-e0499" in {hit.address for hit in hits}
    with sqlite3.connect(index.file("errors")) as database:
        rows = database.execute("SELECT path, start, end, digest FROM section JOIN page ON page.id = page").fetchall()
    assert len(rows) >= 500
    for path, start, end, digest in rows[::25]:
        assert library.holds(Anchor(Sha256(digest.hex()), f"docs:{path}", start, end))
    folders = {folder for part in PARTS.values() for folder in part}
    assert folders >= {one for one in ("std", "reference", "book") if (library.sources.documentation / one).is_dir()}  # type: ignore[operator]


def test_what_is_said_to_be_related_is_there() -> None:
    library = installed()
    missing = []
    for citation in sorted({one for pages in related().values() for one in pages}):
        try:
            assert library.passage(citation).text
        except TarsError as error:
            missing.append(f"{citation}: {error.message}")
    assert not missing, os.linesep.join(missing)
