"""Probes that a mistake costs the first and the second time that it is met in one project.

Goal: over all mistakes the second time costs at most 60 % of the probes of the first, none costs more than one probe
more, and every one is mended. Each mistake is made in one file, mended and applied; then it is made again, with other
names and in other code, and mended once with what the project remembers and once, beside it, without any memory.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from _measure import machine, scratch, show_progress

from tars.core.errors import UnavailableError
from tars.episode.budget import Budget, Meter
from tars.episode.values import Status
from tars.rust.anchors.library import open_library
from tars.rust.checking.checkers import open_checkers
from tars.rust.checking.workspace import Target, find_target, read_files
from tars.rust.mending.conclude import keep_and_learn, kept_of
from tars.rust.mending.context import Resources
from tars.rust.mending.episode import Options
from tars.rust.mending.fix import Mended, mend
from tars.rust.patches import review
from tars.store import Store, open_store

RATIO_MAX = 0.6
MORE_MAX = 1
MISTAKES: Mapping[str, tuple[str, str]] = {
    "lifetimes of a signature": (
        """\
fn pick(a: &str, b: &str) -> &str {
    if a > b { a } else { b }
}

fn main() {}
""",
        """\
fn longest(one: &str, two: &str) -> &str {
    if one.len() > two.len() { one } else { two }
}

fn main() {}
""",
    ),
    "a use between a borrow and its end": (
        """\
fn main() {
    let mut v = vec![1];
    let f = &v[0];
    v.push(2);
    println!("{f}");
}
""",
        """\
fn main() {
    let mut data = vec![1, 2];
    let first = &data[1];
    data.push(3);
    println!("{}", first);
}
""",
    ),
    "a counter of another type": (
        """\
fn crack(known: u8) -> Option<u8> {
    for key in 0..26u32 {
        if key == known {
            return Some(key);
        }
    }
    None
}

fn main() {
    println!("{:?}", crack(3));
}
""",
        """\
fn find(values: &[u8], wanted: u8) -> Option<u8> {
    for place in 0..values.len() as u32 {
        if place == wanted {
            return Some(place);
        }
    }
    None
}

fn main() {
    println!("{:?}", find(&[1], 1));
}
""",
    ),
    "an import of a constant": (
        """\
pub fn area(radius: f64) -> f64 {
    PI * radius * radius
}

fn main() {}
""",
        """\
struct Wheel {
    radius: f64,
}

impl Wheel {
    fn way(&self, turns: u32) -> f64 {
        f64::from(turns) * 2.0 * PI * self.radius
    }
}

fn main() {
    println!("{}", Wheel { radius: 0.3 }.way(2));
}
""",
    ),
    "an option that is moved out of a reference": (
        """\
struct Book {
    reader: Option<String>,
}

fn give_back(book: &mut Book) -> Option<String> {
    book.reader
}

fn main() {}
""",
        """\
struct Slot {
    number: u8,
    job: Option<Vec<u8>>,
}

fn next(slot: &mut Slot) -> Option<Vec<u8>> {
    slot.number += 1;
    slot.job
}

fn main() {}
""",
    ),
    "a mutable loan in a loop": (
        """\
fn double(values: &mut Vec<u32>) {
    for value in values.iter() {
        values.push(*value);
    }
}

fn main() {
    double(&mut vec![1]);
}
""",
        """\
struct Log {
    lines: Vec<String>,
}

impl Log {
    fn repeat(&mut self) {
        for line in self.lines.iter() {
            self.lines.push(line.clone());
        }
    }
}

fn main() {
    Log { lines: vec![] }.repeat();
}
""",
    ),
    "a clone of what has no Clone": (
        """\
struct Point {
    x: i32,
}

fn show(point: Point) {
    println!("{}", point.x);
}

fn main() {
    let point = Point { x: 1 };
    show(point);
    show(point);
}
""",
        """\
struct Order {
    item: String,
    count: u32,
}

fn price(order: Order) -> u32 {
    order.count * order.item.len() as u32
}

fn main() {
    let order = Order { item: String::from("a"), count: 2 };
    let once = price(order);
    println!("{}", once + price(order));
}
""",
    ),
    "a name that is always spelt so": (
        """\
fn main() {
    let v = vec![1];
    println!("{}", v.lenght());
}
""",
        """\
fn f(s: &[u8]) -> usize {
    s.lenght() + 1
}
fn main() {
    println!("{}", f(&[]));
}
""",
    ),
}
"""Each mistake as it is made first, and as it is made again."""


@dataclass(frozen=True, slots=True)
class Row:
    """Probes for one mistake: the first time, the second time, and the second time had nothing been remembered."""

    name: str
    first: int
    second: int
    forgotten: int
    mended: bool


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    try:
        rows = measured()
    except UnavailableError as error:
        print(f"Error: {error.message}\nHint: {error.hint}", file=sys.stderr)
        return 3
    first, second, forgotten = (sum(getattr(row, name) for row in rows) for name in ("first", "second", "forgotten"))
    met = (
        second <= RATIO_MAX * first
        and all(row.mended for row in rows)
        and all(row.second <= row.first + MORE_MAX for row in rows)
    )
    if options.json:
        listed = [
            {"name": row.name, "first": row.first, "second": row.second, "without": row.forgotten} for row in rows
        ]
        print(json.dumps({"benchmark": "rust_memory", "first": first, "second": second, "rows": listed, "met": met}))
        return 0 if met else 1
    print(f"Probes for the same mistake, met twice in one project ({machine()})")
    print(f"  {'':42}{'first':>7}{'second':>8}{'second, without memory':>24}")
    for row in rows:
        print(f"  {row.name:42}{row.first:7}{row.second:8}{row.forgotten:24}{'' if row.mended else '  NOT MENDED'}")
    print(f"  {'all':42}{first:7}{second:8}{forgotten:24}")
    print(f"  {second / first:.0%} of the first time, goal ≤ {RATIO_MAX:.0%}: {'met' if met else 'NOT MET'}")
    return 0 if met else 1


def measured() -> list[Row]:
    rows = []
    with scratch("rust-memory") as root:
        for name, (before, again) in MISTAKES.items():
            show_progress(name)
            folder = root / name.replace(" ", "-")
            folder.mkdir()
            with open_store(folder / ".tars") as store:
                first, probes_first = mended(folder, before, store, remembering=True)
                second, probes_second = mended(folder, again, store, remembering=True)
                _, probes_forgotten = mended(folder, again, store, remembering=False)
            done = first.status is Status.DONE and second.status is Status.DONE
            rows.append(Row(name, probes_first, probes_second, probes_forgotten, done))
    show_progress("")
    return rows


def mended(folder: Path, text: str, store: Store, *, remembering: bool) -> tuple[Mended, int]:
    """Mends the file and, where the project is to remember it, applies the patch; how many probes that took."""
    (folder / "main.rs").write_text(text)
    target = find_target(folder / "main.rs")
    files = read_files(target)
    proposers = ("memory",) * remembering + ("compiler", "rules")
    options = Options(tests=False, proposers=proposers, edition=target.edition, resources=Resources(store))
    meter = Meter(Budget(seconds_max=60.0))
    with open_checkers(target, 1) as checkers:
        steps = mend(files, checkers, options, meter)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                result: Mended = end.value
                break
    if remembering and result.status is Status.DONE:
        apply(result, files, target, store)
    return result, meter.probes


def apply(result: Mended, files: Mapping[str, bytes], target: Target, store: Store) -> None:
    kept = kept_of(result, files, target, open_library(target.folder), root="", episode=f"episode-{store.head}")
    keep_and_learn(store, kept, result, files)
    review.apply(store, target.folder, kept)


if __name__ == "__main__":
    sys.exit(main())
