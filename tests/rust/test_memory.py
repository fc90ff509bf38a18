"""What a project remembers: mends as patterns that fit other code, weighed by what became of their patches."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tars.episode.budget import Budget, Meter
from tars.episode.values import Status
from tars.rust.anchors.library import open_library
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.rustc import LoneCrate
from tars.rust.checking.workspace import find_target, read_files
from tars.rust.graph import symbols_of
from tars.rust.learning import memory
from tars.rust.learning.generalise import patterns_of
from tars.rust.learning.memory import Learnt, accept, recalled, remember
from tars.rust.learning.patterns import fitted, pattern_from, shape_of
from tars.rust.mending.conclude import keep_and_learn, kept_of
from tars.rust.mending.context import Resources, Workbench
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import mend
from tars.rust.patches import review
from tars.rust.patches.patch import BoundPatch, bind
from tars.rust.patches.review import Kept, Proof
from tars.rust.proposers.memory import PLUGIN
from tars.rust.syntax.source import SourceFile, apply_changes
from tars.rust.values import Change, Checked, Patch, Place
from tars.store import Store, open_store

MAIN = "fn main() {}\n"
MISTAKES = {
    "a clone where a value is moved": (
        'fn main() { let a = vec![1]; let b = a; println!("{a:?}{}", b.len()); }',
        'fn main() { let a = vec![1]; let b = a.clone(); println!("{a:?}{}", b.len()); }',
        "struct P { n: String }\nfn f(p: P) -> usize {\n    let o = p.n;\n    drop(o);\n    p.n.len()\n}\n" + MAIN,
    ),
    "a binding that is changed": (
        "fn main() { let x = 1; x = 2; drop(x); }",
        "fn main() { let mut x = 1; x = 2; drop(x); }",
        "fn main() {\n    let total: u32 = 1;\n    for i in 0..3 { total += i; }\n    drop(total);\n}\n",
    ),
    "an import": (
        "fn main() { let m: HashMap<u8, u8> = HashMap::new(); drop(m); }",
        "use std::collections::HashMap;\nfn main() { let m: HashMap<u8, u8> = HashMap::new(); drop(m); }",
        "struct A { inner: HashMap<String, u8> }\nfn main() { drop(A { inner: HashMap::new() }.inner); }",
    ),
    "a name that is always spelt so": (
        "fn main() { let m = vec![1]; drop(m.lenght()); }",
        "fn main() { let m = vec![1]; drop(m.len()); }",
        "fn f(s: &[u8]) -> usize { s.lenght() + 1 }\n" + MAIN,
    ),
    "a text that is to be owned": (
        'fn f(s: String) { drop(s); }\nfn main() { f("a"); }',
        'fn f(s: String) { drop(s); }\nfn main() { f("a".to_string()); }',
        'struct N { n: String }\nfn main() { let t = "x"; drop(N { n: t }.n); }',
    ),
    "a cast to the type that is expected": (
        "fn f(s: usize) { drop(s); }\nfn main() { let a: i32 = 1; f(a); }",
        "fn f(s: usize) { drop(s); }\nfn main() { let a: i32 = 1; f(a as usize); }",
        "fn g(s: u64) { drop(s); }\nfn main() { let b = 3u8; g(b); }",
    ),
    "lifetimes of a signature": (
        "fn p(a: &str, b: &str) -> &str { if a > b { a } else { b } }\n" + MAIN,
        "fn p<'a>(a: &'a str, b: &'a str) -> &'a str { if a > b { a } else { b } }\n" + MAIN,
        "fn longest(one: &str, two: &str) -> &str {\n    if one > two { one } else { two }\n}\n" + MAIN,
    ),
    "a semicolon": (
        "fn main() {\n    let a = 1\n    drop(a);\n}\n",
        "fn main() {\n    let a = 1;\n    drop(a);\n}\n",
        "fn main() {\n    let b = vec![2];\n    let c = b.len()\n    let d = c;\n    drop(d);\n}\n",
    ),
    "no reference": (
        "fn main() { let mut v = vec![1]; let f = &v[0]; v.push(2); drop(f); }",
        "fn main() { let mut v = vec![1]; let f = v[0]; v.push(2); drop(f); }",
        "fn main() {\n    let mut d = vec![1, 2];\n    let first = &d[1];\n    d.push(2);\n    drop(first);\n}\n",
    ),
    "a derive, with its indentation": (
        'struct A;\nfn main() { println!("{:?}", A); }',
        '#[derive(Debug)]\nstruct A;\nfn main() { println!("{:?}", A); }',
        'mod m {\n    pub struct Big { pub x: u8 }\n}\nfn main() { println!("{:?}", m::Big { x: 1 }); }',
    ),
    "what is wrapped": (
        "fn f() -> Option<u8> { let x = 1; x }\n" + MAIN,
        "fn f() -> Option<u8> { let x = 1; Some(x) }\n" + MAIN,
        "fn g(a: u8) -> Option<u8> { if a > 1 { return a + 1; } None }\n" + MAIN,
    ),
}


def checked(text: str) -> Checked:
    with LoneCrate("main.rs") as crate:
        return crate.check({"main.rs": text.encode()})


def small(before: str, after: str) -> BoundPatch:
    """The patch between two texts, token by token, as mends have it."""
    first, second = (re.findall(r"\w+|\s|[^\w\s]", text) for text in (before, after))
    at = [len("".join(first[:number]).encode()) for number in range(len(first) + 1)]
    found = difflib.SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    return bind(
        {"main.rs": before.encode()},
        [
            Change(Place("main.rs", at[i1], at[i2]), "".join(second[j1:j2]))
            for tag, i1, i2, j1, j2 in found
            if tag != "equal"
        ],
    )


def proposed(store: Store, text: str, found: Checked) -> list[Patch]:
    sources = {"main.rs": SourceFile("main.rs", text.encode())}

    def no_types(places: object) -> tuple[None, ...]:
        raise AssertionError("a remembered mend asks for no types")

    bench = Workbench(sources, found.diagnostics, symbols_of, "2021", no_types, Resources(store))
    patches = [patch for one in found.errors for patch in PLUGIN.propose(one, bench)]
    assert patches == [patch for one in found.errors for patch in PLUGIN.propose(one, bench)]
    return patches


def mended(text: str, patch: Patch) -> bool:
    return checked(apply_changes(text.encode(), iter(patch.changes)).decode()).ok


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / ".tars") as opened:
        yield opened


@pytest.mark.parametrize(("before", "after", "other"), MISTAKES.values(), ids=MISTAKES)
def test_a_mend_fits_the_same_mistake_elsewhere(before: str, after: str, other: str, store: Store) -> None:
    assert checked(after).ok
    patterns = patterns_of({"main.rs": before.encode()}, checked(before).errors, small(before, after))
    assert patterns
    for pattern in patterns:
        assert pattern_from(json.loads(json.dumps(pattern.to_json()))) == pattern
    assert remember(store, patterns, patch="0" * 64, episode="e1") == len(patterns)
    assert remember(store, patterns, patch="0" * 64, episode="e1") == 0
    for text, sure in ((before, 0.6), (other, 0.4)):
        patches = proposed(store, text, checked(text))
        assert patches
        assert patches[0].producer == "memory"
        assert sure < patches[0].confidence < 1
        assert mended(text, patches[0])


def test_an_edit_within_a_word_is_learnt_as_the_word() -> None:
    """As mends have it once they were shrunk to the bytes that differ."""
    before, _, other = MISTAKES["a name that is always spelt so"]
    at = before.index("ght")
    patch = bind({"main.rs": before.encode()}, [Change(Place("main.rs", at, at + 3), "")])
    (pattern,) = patterns_of({"main.rs": before.encode()}, checked(before).errors, patch)
    (edit,) = pattern.parts[0].edits
    assert (edit.old, edit.text) == ("lenght", ("len",))
    sources = {"main.rs": SourceFile("main.rs", other.encode())}
    fit = fitted(pattern, checked(other).errors[0], sources)
    assert fit is not None
    assert "s.len() + 1" in sources["main.rs"].changed(fit.changes).data.decode()


def test_lifetimes_are_names_too() -> None:
    before = "struct A<'a> {\n    t: &'a str,\n}\n\nimpl A<'a> {}\n\nfn main() {}\n"
    at = before.index("impl") + 4
    patch = bind({"main.rs": before.encode()}, [Change(Place("main.rs", at, at), "<'a>")])
    (pattern,) = patterns_of({"main.rs": before.encode()}, checked(before).errors, patch)
    assert pattern.parts[0].edits[0].text == ("<", 0, ">")


def test_another_mistake_is_not_taken_for_it(store: Store) -> None:
    """A wrong name is remembered as that name, not as any."""
    before, after, _ = MISTAKES["a name that is always spelt so"]
    remember(
        store, patterns_of({"main.rs": before.encode()}, checked(before).errors, small(before, after)), patch="0" * 64,
        episode="e1",
    )  # fmt: skip
    other = "fn main() { let m = vec![1]; drop(m.siez()); }"
    assert proposed(store, other, checked(other)) == []
    for text, _, _ in MISTAKES.values():
        if text != before:
            assert proposed(store, text, checked(text)) == []


def learnt_from(store: Store, name: str, episode: str) -> Kept:
    before, after, _ = MISTAKES[name]
    patch = small(before, after)
    kept = Kept(patch, "", (), Proof(builds=True), episode)
    review.keep(store, kept)
    patterns = patterns_of({"main.rs": before.encode()}, checked(before).errors, patch)
    remember(store, patterns, patch=patch.id, episode=episode)
    return kept


def test_what_became_of_a_patch_weighs(tmp_path: Path, store: Store) -> None:
    name = "a binding that is changed"
    kept = learnt_from(store, name, "e1")
    (proposal,) = recalled(store)
    assert proposal.weight == 0.7
    (tmp_path / "main.rs").write_text(MISTAKES[name][0])
    review.apply(store, tmp_path, kept)
    (applied,) = recalled(store)
    assert applied.weight == 1.0
    review.rollback(store, tmp_path, kept)
    assert recalled(store) == ()
    assert proposed(store, MISTAKES[name][0], checked(MISTAKES[name][0])) == []


def test_an_accepted_memory_decides_what_counts(store: Store) -> None:
    learnt_from(store, "a binding that is changed", "e1")
    learnt_from(store, "a semicolon", "e2")
    first, second = sorted(recalled(store), key=lambda one: one.episodes)
    assert (first.episodes, second.episodes) == (("e1",), ("e2",))
    learnt = Learnt({first.pattern.id: 0.5}, store.head)
    assert recalled(store, learnt) == (memory.Remembered(first.pattern, 0.5, ("e1",)),)
    accept(store, learnt, {"cases": 3})
    assert memory.accepted_memory(store) == learnt
    assert [one.weight for one in recalled(store)] == [0.5]
    learnt_from(store, "no reference", "e3")
    assert sorted(one.weight for one in recalled(store)) == [0.5, 0.7]


def probes(folder: Path, store: Store, text: str, *, learning: bool) -> int:
    """Mends the file, applies what was found, and returns how many probes it took."""
    (folder / "main.rs").write_text(text)
    target = find_target(folder / "main.rs")
    files = read_files(target)
    options = Options(tests=False, proposers=("memory", "compiler", "rules"), resources=Resources(store))
    meter = Meter(Budget(seconds_max=120.0))
    with open_checkers(target, 1) as checkers:
        steps = mend(files, checkers, options, meter)
        mended = None
        while mended is None:
            try:
                next(steps)
            except StopIteration as end:
                mended = end.value
    assert mended.status is Status.DONE
    if learning:
        kept = kept_of(mended, files, target, open_library(folder), root="", episode=f"e{store.head}")
        assert keep_and_learn(store, kept, mended, files)
        review.apply(store, folder, kept)
    return meter.probes


def test_the_second_time_costs_fewer_probes(tmp_path: Path, store: Store) -> None:
    before, _, other = MISTAKES["lifetimes of a signature"]
    never_met = probes(tmp_path, store, other, learning=False)
    first = probes(tmp_path, store, before, learning=True)
    second = probes(tmp_path, store, other, learning=False)
    assert second == 2, "one to see what is wrong, one to see that the remembered mend is right"
    assert second < min(first, never_met)
    (kept,) = review.kept_patches(store)
    (tmp_path / "main.rs").write_bytes(kept.patch.applied({"main.rs": before.encode()})["main.rs"])
    review.rollback(store, tmp_path, kept)
    assert recalled(store) == ()
    assert probes(tmp_path, store, other, learning=False) == never_met


def test_nobody_else_is_asked_before_what_is_remembered_was_tried(tmp_path: Path, store: Store) -> None:
    """The rules ask for types to mend it, a probe that the memory does not need."""
    before = "fn f(b: &mut Option<String>) -> Option<String> {\n    *b\n}\n" + MAIN
    first = probes(tmp_path, store, before, learning=True)
    assert probes(tmp_path, store, before.replace("b", "slot"), learning=False) == 2 <= first


def test_where_what_is_remembered_fails_the_others_are_asked(tmp_path: Path, store: Store) -> None:
    """`Copy` can be derived for the one struct, and not for the other; `probes` asserts that both are mended."""
    use = (
        "fn f(p: P) {\n    drop(p.n);\n}\n\n"
        "fn main() {\n    let p = P { n: Default::default() };\n    f(p);\n    f(p);\n}\n"
    )
    learnt_as = "#[derive(Clone, Copy)]\n"
    before = "struct P {\n    n: u8,\n}\n\n" + use
    patch = bind({"main.rs": before.encode()}, [Change(Place("main.rs", 0, 0), learnt_as)])
    kept = Kept(patch, "", (), Proof(builds=True), "e1")
    review.keep(store, kept)
    remember(
        store, patterns_of({"main.rs": before.encode()}, checked(before).errors, patch), patch=kept.id, episode="e1"
    )
    (tmp_path / "main.rs").write_text(before)
    review.apply(store, tmp_path, kept)
    assert probes(tmp_path, store, before, learning=False) == 2
    assert probes(tmp_path, store, before.replace("n: u8", "n: String"), learning=False) > 2


SHAPES: Mapping[str, str] = {
    "borrow of moved value: `words`": "borrow of moved value: `_`",
    "expected `;`, found keyword `let`": "expected `;`, found `_`",
    "expected `Option<u8>`, found integer": "expected `_`, found `_`",
    "no method named `a` found for struct `Vec<u8>` in the current scope": (
        "no method named `_` found for `_` in the current scope"
    ),
    "this function takes 2 arguments but 1 argument was supplied": (
        "this function takes N arguments but N argument was supplied"
    ),
}


@pytest.mark.parametrize(("message", "shape"), SHAPES.items())
def test_shapes_of_messages(message: str, shape: str) -> None:
    assert shape_of(message) == shape
