"""A build happens once per content, wherever and by whomever; what it made is verified; a failed one leaves nothing."""

import os
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ducktools.classbuilder.prefab import replace

from tars.core.errors import UnavailableError
from tars.core.values import Span
from tars.lang.values import Module
from tars.runner.building import expand
from tars.runner.building.build import build, build_key, host_platform, source_of
from tars.runner.building.build_steps import LOG_BYTES_MAX, Log
from tars.runner.building.container import IMAGES, Mounts, engine, inside, wrapped
from tars.runner.building.expand import Expand, Rendered, clean_env, installation
from tars.runner.building.tools import detect
from tars.runner.building.trial import make_ready, start
from tars.runner.toolchain import TOOLCHAINS
from tars.runner.values import BuildPlan, Found, Outcome, Source, Step, Stop
from tars.store.shared import Shared


@pytest.fixture
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    return Shared(tmp_path_factory.mktemp("shared"))


def module_of(language: str, source: str, **fields: object) -> Module:
    return replace(Module(f"{language}_module.one", "one", language, Span("a.tars", 0, 1), source=source), **fields)


def python() -> dict[str, Found]:
    return {"python3": Found("python3", sys.executable, "3")}


def plan_of(code: str, **fields: object) -> BuildPlan:
    """A build by a Python program, so that these tests need no other toolchain."""
    step = Step(("{tool:python3}", "-c", code, "{source}", "{build}/made"))
    return replace(BuildPlan(Step(("{build}/made",)), ("a.txt",), (step,), artifact="made"), **fields)


def built_by(code: str, project: Path, shared: Shared, content: str = "#!/bin/sh\necho hi\n", **fields: object):
    path = project / "a.txt"
    if not path.exists() or path.read_text() != content:  # several threads build the same file
        path.write_text(content)
    source = source_of(module_of("executable", "a.txt"), project)
    plan = plan_of(code, **fields)
    key = build_key(source, plan, python())
    return build(
        source, plan, python(), project=project, shared=shared, place=project / ".tars" / "cache" / "build" / key
    )


COPY = "import shutil, sys, os; shutil.copy(sys.argv[1], sys.argv[2]); os.chmod(sys.argv[2], 0o755); print('made it')"


def test_built_once_and_restored_when_damaged(tmp_path: Path, shared: Shared) -> None:
    first = built_by(COPY, tmp_path, shared)
    assert first.ok
    assert not first.cached
    assert b"made it" in first.log
    assert first.artifact is not None
    assert start(first, tmp_path).stdout == b"hi\n"
    place = first.artifact.parent
    assert b"made it" in (place / "build.log").read_bytes()

    assert built_by(COPY, tmp_path, shared).cached
    os.utime(first.artifact, (1, 1))
    assert built_by(COPY, tmp_path, shared).cached, "touched, but equal"

    first.artifact.write_text("#!/bin/sh\necho no\n")
    again = built_by(COPY, tmp_path, shared)
    assert again.cached, "restored from the user's cache"
    assert start(again, tmp_path).stdout == b"hi\n"

    first.artifact.chmod(0o644)
    assert start(built_by(COPY, tmp_path, shared), tmp_path).ok, "the right to execute is part of it"

    first.artifact.unlink()
    for path in shared.root.rglob("files/made"):
        path.chmod(0o644)
        path.write_text("rot")
    rebuilt = built_by(COPY, tmp_path, shared)
    assert rebuilt.ok
    assert not rebuilt.cached, "both copies were damaged"
    assert start(rebuilt, tmp_path).stdout == b"hi\n"


def test_equal_content_elsewhere_is_not_built_again(tmp_path: Path, shared: Shared) -> None:
    one, other = tmp_path / "one", tmp_path / "a folder é"
    one.mkdir()
    built = built_by(COPY, one, shared)
    shutil.copytree(one, other, ignore=shutil.ignore_patterns(".tars"))
    elsewhere = built_by(COPY, other, shared)
    assert elsewhere.key == built.key
    assert elsewhere.cached
    assert start(elsewhere, other).stdout == b"hi\n"
    assert not built_by(COPY, other, shared, "#!/bin/sh\necho changed\n").cached
    assert built_by(COPY, other, shared).cached, "and back again"


def test_failed_build_leaves_nothing(tmp_path: Path, shared: Shared) -> None:
    code = "import sys; open(sys.argv[2], 'w').write('half'); print('working'); sys.exit('no good')"
    built = built_by(code, tmp_path, shared)
    assert (built.ok, built.outcome and built.outcome.code) == (False, 1)
    assert b"working" in built.log
    assert b"no good" in built.log
    assert list((tmp_path / ".tars" / "cache" / "build").iterdir()) == []
    assert shared.get(built.key) is None


def test_a_step_that_fills_the_disk_is_ended(tmp_path: Path, shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    most = shutil.disk_usage(tmp_path).free - (24 << 20)
    monkeypatch.setattr("tars.runner.building.build_steps.spared_bytes", lambda _: most)
    fill = "import sys; f = open(sys.argv[2], 'wb'); [f.write(bytes(1 << 22)) for _ in range(200)]"
    outcome = built_by(fill, tmp_path, shared).outcome
    assert (outcome and outcome.stop, os.listdir(tmp_path / ".tars" / "cache" / "build")) == (Stop.DISK, [])


def test_steps_that_make_nothing_fail_the_build(tmp_path: Path, shared: Shared) -> None:
    built = built_by("pass", tmp_path, shared)
    assert not built.ok
    assert "did not make `made`" in built.diagnostics[0].message


def test_checks_judge_what_was_built(tmp_path: Path, shared: Shared) -> None:
    check = Step(("{tool:python3}", "-c", "import sys; sys.exit('not good enough')"))
    assert not built_by(COPY, tmp_path, shared, checks=(check,)).ok
    assert built_by(COPY, tmp_path, shared, checks=(replace(check, argv=(*check.argv[:2], "pass")),)).ok


def test_output_is_streamed_as_it_comes(tmp_path: Path, shared: Shared) -> None:
    seen: list[tuple[str, bytes]] = []
    (tmp_path / "a.txt").write_text("x")
    source = source_of(module_of("executable", "a.txt"), tmp_path)
    plan = plan_of(COPY)
    key = build_key(source, plan, python())
    place = tmp_path / ".tars" / "b" / key
    build(source, plan, python(), project=tmp_path, shared=shared, place=place, watch=lambda *what: seen.append(what))
    assert ("stdout", b"made it\n") in seen


def test_many_builds_of_one_key_at_once(tmp_path: Path, shared: Shared) -> None:
    (tmp_path / "a.txt").write_text("#!/bin/sh\necho hi\n")
    code = "import time; time.sleep(0.2); " + COPY
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: built_by(code, tmp_path, shared), range(4)))
    assert all(one.ok for one in results)
    assert {start(one, tmp_path).stdout for one in results} == {b"hi\n"}
    assert len(list((tmp_path / ".tars" / "cache" / "build").iterdir())) == 1


def test_two_processes_building_one_key(tmp_path: Path, shared: Shared) -> None:
    (tmp_path / "agent.py").write_text("print('x')\n")
    (tmp_path / "a.rs").write_text('fn main() { print!("both"); }\n')
    if detect(TOOLCHAINS.load("rust").tools(source_of(module_of("rust", "a.rs"), tmp_path))[0]) is None:
        pytest.skip("rustc is not here")
    code = (
        "from pathlib import Path; from tars.core.values import Span; from tars.lang.values import Module\n"
        "from tars.runner.building.trial import make_ready, start; from tars.store.shared import Shared\n"
        f"project = Path({str(tmp_path)!r})\n"
        "module = Module('rust_module.one', 'one', 'rust', Span('a.tars', 0, 1), source='a.rs')\n"
        f"built = make_ready(module, project, Shared(Path({str(shared.root)!r})))\n"
        "assert built.ok, built.log\nassert start(built, project).stdout == b'both'\n"
    )
    running = [subprocess.Popen((sys.executable, "-c", code), stderr=subprocess.PIPE) for _ in range(3)]
    for process in running:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said.decode()


def test_build_is_blind_to_the_shell_it_was_started_from(
    tmp_path: Path, shared: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RUSTFLAGS", "GOFLAGS", "NODE_OPTIONS", "PYTHONPATH", "CGO_ENABLED", "LD_PRELOAD", "MY_SECRET"):
        monkeypatch.setenv(name, "-not-a-flag")
    monkeypatch.setenv("CARGO_HOME", "/some/where")
    code = "import os, sys; open(sys.argv[2], 'w').write(' '.join(os.environ)); os.chmod(sys.argv[2], 0o755)"
    built = built_by(code, tmp_path, shared)
    assert built.artifact is not None
    names = built.artifact.read_text().split()
    assert "CARGO_HOME" in names
    assert not {"RUSTFLAGS", "GOFLAGS", "NODE_OPTIONS", "PYTHONPATH", "CGO_ENABLED", "LD_PRELOAD", "MY_SECRET"} & {
        *names
    }
    assert clean_env(python())["PATH"].startswith(str(Path(sys.executable).parent)), "the real tools come first"


def test_mirror_shows_what_is_read_and_nothing_else(tmp_path: Path, shared: Shared) -> None:
    (tmp_path / "secret.txt").write_text("unseen")
    list_all = (
        "import os, sys; open(sys.argv[2], 'w').write(' '.join(sorted(os.listdir('.')))); open('beside', 'w').close()"
    )
    first = built_by(list_all, tmp_path, shared, mirror=True)
    assert first.artifact is not None, first.log
    assert first.artifact.read_text() == "a.txt"
    assert not (tmp_path / "beside").exists(), "the project stays clean"
    second = built_by(list_all, tmp_path, shared, "other", mirror=True)
    assert second.artifact is not None
    assert second.artifact.read_text() == "a.txt", "what the last build left beside is gone"


def test_mirror_tells_the_truth_by_time(tmp_path: Path, shared: Shared) -> None:
    """Cargo goes by times: a file with other content must look new, though its own time was set back."""
    if detect(TOOLCHAINS.load("rust").tools(source_of(module_of("rust", "c"), tmp_path))[0]) is None:
        pytest.skip("rustc is not here")
    crate = tmp_path / "c"
    (crate / "src").mkdir(parents=True)
    (crate / "Cargo.toml").write_text('[package]\nname = "c"\nversion = "0.1.0"\nedition = "2021"\n')
    for number in (1, 2, 3, 1):
        (crate / "src" / "main.rs").write_text(f'fn main() {{ print!("{number}"); }}')
        os.utime(crate / "src" / "main.rs", (1000, 1000))
        built = make_ready(module_of("rust", "c"), tmp_path, shared)
        assert built.ok, built.log.decode()
        assert start(built, tmp_path).stdout == str(number).encode()
    assert sorted(os.listdir(crate)) == ["Cargo.toml", "src"]


def test_compiler_messages_are_readable_in_the_log(tmp_path: Path, shared: Shared) -> None:
    (tmp_path / "a.rs").write_text('fn main() { let x: u8 = "é"; }\n')
    try:
        built = make_ready(module_of("rust", "a.rs"), tmp_path, shared)
    except UnavailableError as error:
        pytest.skip(error.message)
    assert not built.ok
    assert b"error[E0308]: mismatched types" in built.log
    assert b'"rendered"' not in built.log
    diagnostic = built.diagnostics[0]
    assert diagnostic.code == "rust:E0308"
    assert diagnostic.span is not None
    assert (tmp_path / "a.rs").read_text()[diagnostic.span.start : diagnostic.span.end] == '"é"'


def test_rendered_lets_other_lines_through() -> None:
    seen: list[bytes] = []
    rendered = Rendered(seen.append)
    rendered.feed(b'plain\n{"rendered": "wa')
    rendered.feed(b'rn"}\n{"reason": "x", "message": {"rendered": "err"}}\n{"reason": "artifact"}\n{broken\nlast')
    rendered.close()
    assert b"".join(seen) == b"plain\nwarnerr{broken\nlast\n"


def test_log_has_an_end() -> None:
    log = Log(None)
    with log.reading(False) as watch:
        for _ in range(10):
            watch("stdout", b"x" * (LOG_BYTES_MAX // 4))
    assert len(log.content()) == LOG_BYTES_MAX


def test_placeholders_in_names_of_files_are_left_alone(tmp_path: Path) -> None:
    expand = Expand(str(tmp_path), "{build}/{tool:go}.py", {})
    assert expand.text("{source}") == os.path.join(str(tmp_path), "{build}", "{tool:go}.py")
    words = expand.with_words(build='/a "quoted" \\ path')
    assert words.json_text(b'{"x": "{build}/y"}') == b'{"x": "/a \\"quoted\\" \\\\ path/y"}'


def test_home_folder_is_never_part_of_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert installation(str(tmp_path / "bin" / "tool")) == (str(tmp_path / "bin"),)
    assert installation(str(tmp_path / ".local" / "bin" / "tool")) == (str(tmp_path / ".local" / "bin"),)
    assert installation(str(tmp_path / "go" / "sdk" / "bin" / "go")) == (str(tmp_path / "go" / "sdk"),)
    assert installation("/usr/bin/sh") == ()


def test_reads_name_what_lies_outside_the_project(tmp_path: Path, shared: Shared) -> None:
    (tmp_path / "a.py").write_text("def f(): return 1\n")
    built = make_ready(module_of("python", "a.py", entry_point="f"), tmp_path, shared)
    for part in built.command[:2]:
        assert any(read in Path(part).parents for read in built.reads) or part.startswith("/usr"), (part, built.reads)


def fake_engine(folder: Path, name: str, code: int, said: str = "") -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit {code}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)


@pytest.mark.skipif(os.name == "nt", reason="the stand-in engines are shell scripts")
def test_container_engine_must_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnavailableError, match="podman is not installed; docker is not installed"):
        engine()
    fake_engine(tmp_path, "docker", 1, "cannot connect to the daemon")
    with pytest.raises(UnavailableError, match=r"docker does not work \(cannot connect to the daemon\)") as caught:
        engine()
    assert caught.value.hint
    fake_engine(tmp_path, "podman", 0)
    assert engine() == str(tmp_path / "podman")


def test_build_in_a_container(tmp_path: Path) -> None:
    (tmp_path / "s p").mkdir()
    (tmp_path / "s p" / "a.go").write_text("package main\n\nfunc main() {}\n")
    source = source_of(module_of("go", "s p/a.go", compile="docker"), tmp_path)
    toolchain = TOOLCHAINS.load("go")
    assert toolchain.tools(source) == (), "the host needs no toolchain"
    plan = toolchain.plan(source, {})
    assert build_key(source, plan, {}) != build_key(replace(source, module=module_of("go", "s p/a.go")), plan, {})
    mounts = Mounts("/home/me/project", "/home/me/build", "/home/me/work")
    expand = inside(Expand("", "", {}), "s p/a.go", mirrored=False)
    for program in ("/usr/bin/podman", "/usr/bin/docker"):
        argv = wrapped(program, IMAGES["go"], mounts, plan.steps[0], expand)
        assert argv[:3] == (program, "run", "--rm")
        assert "/home/me/project:/tars/project:ro" in argv, "the project cannot be written"
        assert "/home/me/build:/tars/build" in argv
        assert argv[argv.index("--workdir") + 1] == "/tars/project/s p"
        assert argv[argv.index(IMAGES["go"]) + 1 :] == (
            "go", "build", "-trimpath", "-buildvcs=false", "-o", "/tars/build/agent", "a.go",
        )  # fmt: skip
        assert ("--userns=keep-id" in argv) == program.endswith("podman")


def test_container_is_refused_where_nothing_is_compiled_in_one(tmp_path: Path, shared: Shared) -> None:
    (tmp_path / "a.wat").write_text("(module)")
    source = source_of(module_of("wasm", "a.wat", compile="docker"), tmp_path)
    with pytest.raises(UnavailableError, match="not possible for wasm"):
        build_key(source, TOOLCHAINS.load("wasm").plan(source, {}), {})


@pytest.mark.skipif(os.name == "nt", reason="the stand-in engine is a shell script")
def test_build_runs_in_the_engine_that_works(tmp_path: Path, shared: Shared, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in engine that runs the command on the host, in the mounted folders, shows that the whole path holds."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "podman").write_text(
        '#!/bin/sh\n[ "$1" = info ] && exit 0\nfor part; do\n'
        "case $part in *:/tars/build) build=${part%:/tars/build};; esac; done\n"
        'printf \'#!/bin/sh\\necho from a container\\n\' > "$build/agent"; chmod +x "$build/agent"\n'
    )
    (programs / "podman").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.go").write_text("package main\n\nfunc main() {}\n")
    built = make_ready(module_of("go", "a.go", compile="docker"), project, shared)
    assert built.ok, built.log.decode()
    assert start(built, project).stdout == b"from a container\n"


def test_key_has_no_place_in_it(tmp_path: Path) -> None:
    source = Source(module_of("executable", "a.txt"), {"a.txt": b"x"}, False)
    first = build_key(source, plan_of(COPY), python())
    moved = {"python3": Found("python3", "/other/python", "3")}
    assert build_key(source, plan_of(COPY), moved) == first
    assert build_key(source, plan_of(COPY), python(), lambda path: "0" * 64) != first  # type: ignore[arg-type,return-value]
    for changed in (
        plan_of(COPY + "#"), plan_of(COPY, files={"x": b""}), plan_of(COPY, artifact="other"),
        plan_of(COPY, command=Step(("other",))), plan_of(COPY, checks=(Step(("x",)),)),
        plan_of(COPY, command=Step(("{build}/made",), {"A": "1"})),
    ):  # fmt: skip
        assert build_key(source, changed, python()) != first
    assert "/" in host_platform()


def test_key_covers_the_programs_that_start_agents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source(module_of("executable", "a.txt"), {"a.txt": b"x"}, False)
    plans = (
        plan_of(COPY, command=Step(("{tool:python3}", "{shims}/python_function.py"))),
        plan_of(COPY, files={"tsconfig.json": b'{"files": ["{shims}/node_globals.d.ts"]}'}),
    )
    before = [build_key(source, plan, python()) for plan in plans]
    plain = build_key(source, plan_of(COPY), python())
    edited = shutil.copytree(expand.SHIMS, tmp_path / "shims")
    for name in ("python_function.py", "node_globals.d.ts"):
        with open(edited / name, "a", encoding="utf-8") as file:
            file.write("\n")
    monkeypatch.setattr(expand, "SHIMS", str(edited))
    expand.shims_digest.cache_clear()
    after = [build_key(source, plan, python()) for plan in (*plans, plan_of(COPY))]
    expand.shims_digest.cache_clear()
    assert all(new != old for new, old in zip(after[:-1], before, strict=True))
    assert after[-1] == plain


def test_outcome_of_a_step_that_cannot_start(tmp_path: Path, shared: Shared) -> None:
    built = built_by(COPY, tmp_path, shared, steps=(Step(("/no/such/program",)),))
    assert not built.ok
    outcome = built.outcome
    assert isinstance(outcome, Outcome)
    assert outcome.code == 127


def test_a_program_that_a_wheel_brought_needs_its_environment_only(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    brought, linked = tmp_path / "bin" / "deno", tmp_path / "bin" / "python"
    brought.write_bytes(b"")
    linked.symlink_to(os.path.realpath(sys.executable))
    assert expand.installation(str(brought)) == (str(tmp_path),)
    base = expand.installation(os.path.realpath(sys.executable))
    assert expand.installation(str(linked)) == (str(tmp_path), *base), "an interpreter is linked from elsewhere"
