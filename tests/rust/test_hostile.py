"""Crates whose build scripts, macros and tests attack: the user's files stay as they are, nothing stays running."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from tars.episode.budget import Budget, Meter, OverBudgetError
from tars.runner.cells.spawn import run_cell
from tars.runner.sandbox import SANDBOXES
from tars.runner.sandboxes.process import MECHANISMS, Mechanism, ProcessSandbox
from tars.runner.values import Cell
from tars.rust.checking import cargo_cell
from tars.rust.checking.cargo import CargoChecker
from tars.rust.checking.checkers import Checkers, open_checkers
from tars.rust.checking.workspace import find_target, read_files
from tars.rust.mending.looks import Looks

from .crates import checker, picture, write_crate

BUILD = r"""
use std::{env, fs, io::Read, net::TcpStream, path::Path, process::{Command, Stdio}, thread, time::Duration};

fn main() {
    println!("cargo:rerun-if-changed=attack.txt");
    let text = fs::read_to_string("attack.txt").unwrap();
    let mut words = text.lines();
    let (what, victim) = (words.next().unwrap(), words.next().unwrap_or(""));
    let copy = env::var("CARGO_MANIFEST_DIR").unwrap();
    match what {
        "none" => {}
        "write" => {
            assert!(fs::write(Path::new(victim).join("src/lib.rs"), "pwned").is_err());
            assert!(fs::write(Path::new(victim).join("new.txt"), "pwned").is_err());
            assert!(fs::write(Path::new(victim).join("../home/.profile"), "pwned").is_err());
        }
        "delete" => {
            let _ = fs::remove_dir_all(victim);
            let _ = fs::remove_dir_all(Path::new(victim).join("../home"));
            fs::remove_dir_all(Path::new(&copy).join("src")).unwrap();
        }
        "redirect" => {
            let src = Path::new(&copy).join("src");
            fs::rename(&src, Path::new(&copy).join("away")).unwrap();
            std::os::unix::fs::symlink(Path::new(victim).join("src"), src).unwrap();
        }
        "read" => {
            let secret = fs::read_to_string(Path::new(victim).join("../home/secret")).unwrap_or_default();
            println!("cargo:warning=secret {secret}");
            for (name, value) in env::vars() { println!("cargo:warning={name}={value}"); }
        }
        "connect" => {
            let mut answer = String::new();
            let _ = TcpStream::connect(victim).and_then(|mut stream| stream.read_to_string(&mut answer));
            println!("cargo:warning=answer {answer}");
        }
        "print" => loop { println!("cargo:warning=again and again"); },
        "sleep" => thread::sleep(Duration::from_secs(3600)),
        "fill" => {
            let mut file = fs::File::create(Path::new(&copy).join("filler")).unwrap();
            while std::io::Write::write_all(&mut file, &[0; 1 << 20]).is_ok() {}
        }
        "stay" => { 
            let (none, nothing) = (Stdio::null(), Stdio::null());
            Command::new("setsid").args(["sleep", victim]).stdout(none).stderr(nothing).spawn().unwrap();
        }
        other => panic!("{other}"),
    }
}
"""
LIBRARY = "pub fn one() -> u32 { 1 }\n"
MENDED = "pub fn two() -> u32 { 2 }\n"
SECONDS_MAX = 4.0
STAYS_SECONDS = 3599.25


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, and a home beside it; the project was checked once, so that only what attacks runs again."""
    folder = tmp_path_factory.mktemp("hostile")
    write_crate(folder / "project", {"src/lib.rs": LIBRARY, "build.rs": BUILD, "attack.txt": "none"})
    (folder / "home").mkdir()
    (folder / "home" / "secret").write_text("the-secret-word")
    with checker(folder / "project", folder / "cache") as cargo:
        assert cargo.check(read_files(cargo.target)).ok
    return folder


def attack(place: Path, what: str, victim: str = "", seconds_max: float = 120.0) -> CargoChecker:
    (place / "project" / "attack.txt").write_text(f"{what}\n{victim or place / 'project'}")
    return checker(place / "project", place / "cache", seconds_max)


def protected(place: Path) -> tuple[object, object]:
    return picture(place / "project"), picture(place / "home")


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_build_script_cannot_write_outside(place: Path, mechanism: Mechanism) -> None:
    sandbox = ProcessSandbox(mechanisms=(mechanism,))
    if not sandbox.readiness().ready:
        pytest.skip(f"there is no {mechanism} here")
    cargo = attack(place, "write")
    with CargoChecker(cargo.target, sandbox, cache=place / "cache") as cargo:
        before = protected(place)
        checked = cargo.check(read_files(cargo.target))
        assert protected(place) == before
    assert checked.ok, checked.detail


def test_the_attacks_work_where_nothing_stops_them(place: Path, tmp_path: Path) -> None:
    """The control: the same script, started without a sandbox, does its harm."""
    victim = write_crate(tmp_path / "project", {"src/lib.rs": LIBRARY})
    (tmp_path / "home").mkdir()
    (place / "project" / "attack.txt").write_text(f"write\n{victim}")
    (script,) = (place / "cache").glob("rust/*/slot-0/target/debug/build/project-*/build-script-build")
    cell = Cell((str(script),), place / "project", {"CARGO_MANIFEST_DIR": str(victim)})
    outcome = run_cell(SANDBOXES.load("none"), cell)
    assert not outcome.ok
    assert (victim / "src" / "lib.rs").read_text() == "pwned"


MACRO = """use proc_macro::TokenStream;
#[proc_macro]
pub fn attack(_: TokenStream) -> TokenStream {
    let wrote = std::fs::write("VICTIM/src/lib.rs", "pwned").is_ok() || std::fs::write("VICTIM/new", "pwned").is_ok();
    let deleted = std::fs::remove_dir_all("VICTIM/macros").is_ok();
    let secret = std::fs::read_to_string("VICTIM/../secret").unwrap_or_default();
    let answer = std::net::TcpStream::connect("ADDRESS").is_ok();
    format!("compile_error!({:?});", format!("{wrote} {deleted} {answer} <{secret}>")).parse().unwrap()
}
"""


def test_a_procedural_macro_is_confined_as_a_build_script_is(tmp_path: Path, server: str) -> None:
    """It runs within the compiler: what it could do stands in the error that it makes."""
    folder = tmp_path / "project"
    text = MACRO.replace("VICTIM", str(folder)).replace("ADDRESS", server)
    macros = '[package]\nname = "macros"\nversion = "0.1.0"\nedition = "2021"\n[lib]\nproc-macro = true\n'
    files = {"src/lib.rs": "macros::attack!();\n", "macros/Cargo.toml": macros, "macros/src/lib.rs": text}
    write_crate(folder, files, '[workspace]\n[dependencies]\nmacros = { path = "macros" }\n')
    (tmp_path / "secret").write_text("the-secret-word")
    before = picture(folder)
    with checker(folder, tmp_path / "cache") as cargo:
        checked = cargo.check(read_files(cargo.target))
    assert [error.message for error in checked.errors] == ["false false false <>"]
    assert picture(folder) == before


def test_a_build_script_that_deletes_everything_deletes_only_the_copy(place: Path) -> None:
    with attack(place, "delete") as cargo:
        before = protected(place)
        files = read_files(cargo.target)
        checked = cargo.check(files)
        assert not checked.ok
        assert checked.detail == "what runs while it builds removes `src/lib.rs`, here only from a copy"
        assert protected(place) == before
        (place / "project" / "attack.txt").write_text("none")
    with checker(place / "project", place / "cache") as cargo:
        assert cargo.check(files).ok


def test_nothing_is_written_through_a_link_that_a_build_script_put_into_the_copy(place: Path) -> None:
    with attack(place, "redirect") as cargo:
        before = protected(place)
        files = read_files(cargo.target)
        cargo.check(files)
        assert (cargo.place.overlay.tree / "src").is_symlink(), "the attack does nothing"
        cargo.check({**files, "src/lib.rs": MENDED.encode()})
        cargo.check(files)
        assert protected(place) == before


def test_a_build_script_sees_no_secrets(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-other-secret")
    with attack(place, "read") as cargo:
        slot_words = _words(cargo)
    assert "secret \n" in slot_words.replace("\\n", "\n")
    assert "CARGO_MANIFEST_DIR=" in slot_words
    assert "the-secret-word" not in slot_words
    assert "the-other-secret" not in slot_words


def _words(cargo: CargoChecker) -> str:
    """What the build script told cargo."""
    assert cargo.check(read_files(cargo.target)).ok
    files = cargo.place.build.glob("debug/build/project-*/output")
    return max(files, key=lambda one: one.stat().st_mtime).read_text()


@pytest.fixture
def server() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.sendall(b"reached")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        ended.set()
        thread.join()


def test_a_build_script_reaches_no_network(place: Path, server: str) -> None:
    with socket.create_connection(tuple(server.split(":"))) as control:  # type: ignore[arg-type]
        assert control.recv(10) == b"reached"
    with attack(place, "connect", server) as cargo:
        words = _words(cargo)
    assert "answer" in words
    assert "reached" not in words


@pytest.mark.parametrize("what", ["write", "connect"])
def test_all_that_a_mend_asks_cargo_is_confined(place: Path, server: str, what: str) -> None:
    """The checkers that every command takes, not those of these tests."""
    (place / "project" / "attack.txt").write_text(f"{what}\n{server if what == 'connect' else place / 'project'}")
    before = protected(place)
    target = find_target(place / "project")
    with open_checkers(target, 1) as checkers, checkers.one() as one:
        checked, tested = one.check(read_files(target)), one.test(read_files(target))
    assert protected(place) == before
    assert (checked.ok, checked.detail, tested.ok) == (True, "", True)
    assert "reached" not in str(checked) + tested.detail


@pytest.mark.parametrize("what", ["print", "sleep"])
def test_a_build_script_that_does_not_end_is_ended_and_named(place: Path, what: str) -> None:
    with attack(place, what, seconds_max=SECONDS_MAX) as cargo:
        before = protected(place)
        started = monotonic()
        checked = cargo.check(read_files(cargo.target))
        assert protected(place) == before
    assert monotonic() - started < SECONDS_MAX + 30
    assert not checked.ok
    assert "the build script of `project`" in checked.detail
    assert len(checked.detail) < 10_000
    assert _running("build-script-build") == []


def test_a_mend_that_runs_out_of_time_says_what_it_waited_for(place: Path) -> None:
    checkers = Checkers(lambda: attack(place, "sleep"), 1)
    meter = Meter(Budget(seconds_max=3))
    with checkers, Looks(checkers, meter) as looks, pytest.raises(OverBudgetError) as caught:
        looks.check(read_files(find_target(place / "project")))
    assert "3 seconds is used up while the build script of `project` was running" in caught.value.message
    assert meter.seconds() < 3 + SECONDS_MAX
    assert _running("build-script-build") == []


def test_a_build_script_cannot_fill_the_disk_with_one_file(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cargo_cell, "FILE_BYTES_MAX", 16 << 20)
    with attack(place, "fill") as cargo:
        checked = cargo.check(read_files(cargo.target))
        assert (cargo.place.overlay.tree / "filler").stat().st_size == 16 << 20
    assert not checked.ok
    assert "failed to run custom build command for `project" in checked.detail


def test_a_check_can_be_cancelled(place: Path) -> None:
    with attack(place, "sleep") as cargo:
        threading.Timer(1.0, cargo.cancel).start()
        checked = cargo.check(read_files(cargo.target))
    assert not checked.ok
    assert "cancelled" in checked.detail


def test_what_a_build_script_leaves_running_is_ended(place: Path) -> None:
    with attack(place, "stay", str(STAYS_SECONDS)) as cargo:
        assert cargo.check(read_files(cargo.target)).ok
    until = monotonic() + 10
    while _running(str(STAYS_SECONDS)) and monotonic() < until:
        sleep(0.05)
    assert _running(str(STAYS_SECONDS)) == []


def _running(words: str) -> list[str]:
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            command = Path("/proc", pid, "cmdline").read_bytes().decode("utf-8", "replace")
        except OSError:
            continue
        if words in command:
            found.append(command)
    return found


def test_tests_change_nothing_of_the_users(tmp_path: Path) -> None:
    """Nor of what a second run finds."""
    victim = tmp_path / "project"
    attacks = f"""
        #[test] fn outside() {{ assert!(std::fs::write("{victim}/src/lib.rs", "pwned").is_err()); }}
        #[test] fn leaves() {{ std::fs::OpenOptions::new().write(true).create_new(true).open("left").unwrap(); }}
        #[test] fn spoils() {{
            assert_eq!(std::fs::read_to_string("data.txt").unwrap(), "original");
            std::fs::write("data.txt", "spoilt").unwrap();
        }}
    """
    write_crate(victim, {"src/lib.rs": LIBRARY + attacks, "data.txt": "original"})
    before = picture(victim)
    target = find_target(victim)
    with checker(target, tmp_path / "cache") as cargo:
        for _ in range(2):
            tested = cargo.test(read_files(target))
            assert tested.ok, tested.detail
            assert tested.passed == ("project::leaves", "project::outside", "project::spoils")
    assert picture(victim) == before
