"""Cargo's commands as cells: what they may read and write, and an environment without the user's secrets."""

import os
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from tars.runner.values import Cell, Limits
from tars.rust.checking.overlay import holds_vendored
from tars.rust.checking.slots import Slot
from tars.rust.checking.workspace import Target

PROCESSES_MAX: Final = 4096
"""Threads count too, of which a compiler has several for each core."""
OUTPUT_BYTES_MAX: Final = 32 << 20
FILE_BYTES_MAX: Final = 8 << 30
"""What one file may take: enough for any program, too little for most disks."""
_BLOCK_BYTES: Final = 512
_BOUNDED: Final = ("/bin/sh", "-c", 'ulimit -f "$1"; shift; exec "$@"', "sh")
_PASSED_ON: Final = frozenset(
    """
    PATH LANG LC_ALL LC_CTYPE TZ CC CXX AR CFLAGS CXXFLAGS LDFLAGS RUSTFLAGS RUSTDOCFLAGS CARGO_ENCODED_RUSTFLAGS
    LIBCLANG_PATH LLVM_CONFIG_PATH PROTOC SQLX_OFFLINE MACOSX_DEPLOYMENT_TARGET
    """.split()  # noqa: SIM905
)
_PASSED_ON_PREFIXES: Final = ("CARGO_PROFILE_", "CARGO_TARGET_", "CARGO_BUILD_", "PKG_CONFIG", "OPENSSL_", "CC_")
_NO_WRAPPER: Final = "/usr/bin/env"
"""A compiler cache or the like, which the sandbox cuts off, is replaced by what only starts the compiler. No wrapper
at all, which is the empty word, makes cargo ask the compiler for its version each time, which takes 50 ms."""
_SETTINGS: Final = ("config.toml", "config")


def cell_for(target: Target, slot: Slot, argv: tuple[str, ...], env: Mapping[str, str], seconds_max: float) -> Cell:
    """A command of the toolchain in the copy of the workspace. It may read what cargo has fetched, the workspace and
    what that takes from elsewhere on this disk, and write only in the place that it was given."""
    home = cargo_home()
    toolchain = target.toolchain
    own = {
        "HOME": str(slot.home), "CARGO_HOME": str(home), "RUSTC": toolchain.rustc,
        "RUSTDOC": toolchain.program("rustdoc") or "rustdoc", "CARGO_TARGET_DIR": str(slot.build),
        "CARGO_BUILD_BUILD_DIR": str(slot.build), "CARGO_NET_OFFLINE": "true", "CARGO_TERM_COLOR": "never",
        "CARGO_TERM_PROGRESS_WHEN": "never", "CARGO_INCREMENTAL": "1",
    }  # fmt: skip
    settings = tuple(one for one in _settings_in(home) if not _holds_secrets(one))
    if any(b"-wrapper" in one.read_bytes() for one in (*settings, *_settings_within(slot))):
        own["RUSTC_WRAPPER"] = _NO_WRAPPER
    passed = {k: v for k, v in os.environ.items() if k in _PASSED_ON or k.startswith(_PASSED_ON_PREFIXES)}
    passed.pop("CARGO_BUILD_RUSTC_WRAPPER", None)
    reads = (
        *toolchain.reads(), home / "registry", home / "git", *settings, target.folder, slot.roof,
        *target.outside, *vendored(target).values(), *sorted(slot.overlay.grants),
    )  # fmt: skip
    limits = Limits(
        seconds_max, memory_bytes_max=_memory_bytes_max(), processes_max=PROCESSES_MAX,
        output_bytes_max=OUTPUT_BYTES_MAX,
    )  # fmt: skip
    writes = (slot.home, slot.overlay.tree, slot.build)
    bounded = (*_BOUNDED, str(FILE_BYTES_MAX // _BLOCK_BYTES), *argv)
    return Cell(bounded, slot.overlay.tree, {**passed, **own, **env}, limits, reads, writes)


def cargo_home() -> Path:
    """Where cargo keeps what it has fetched."""
    return Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")


def copy_surroundings(target: Target, slot: Slot) -> None:
    """What cargo looks at above the workspace and beside it: settings are copied, packages linked to."""
    for folder in target.folder.parents:
        for settings in _settings_in(folder / ".cargo"):
            if not _holds_secrets(settings):
                copy = slot.roof / settings.relative_to(settings.anchor)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(settings, copy)
    for folder in target.outside:
        link = slot.roof / folder.relative_to(folder.anchor)
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(folder, target_is_directory=True)


def vendored(target: Target) -> dict[str, Path]:
    """The folders of the sources that the settings of the workspace, and those above it, replace by local ones. Cargo
    takes a package for another one where its path differs, so all copies of a workspace use the user's own. A folder
    that holds no packages is left out: a stranger's settings could name any."""
    found: dict[str, Path] = {}
    for folder in (target.folder, *target.folder.parents):
        for settings in _settings_in(folder / ".cargo"):
            for name, place in _directories(settings):
                found.setdefault(name, Path(os.path.normpath(folder / place)))
    return {name: folder for name, folder in found.items() if holds_vendored(folder)}


def _directories(settings: Path) -> Iterator[tuple[str, str]]:
    """The names and folders of the directory sources in cargo's settings. What is wrong with them, cargo will say."""
    import tomllib  # only for workspaces that have settings  # noqa: PLC0415

    try:
        sources = tomllib.loads(settings.read_text("utf-8", "replace")).get("source", {})
        yield from ((name, one["directory"]) for name, one in sources.items() if "directory" in one)
    except (OSError, tomllib.TOMLDecodeError, AttributeError, TypeError):
        return


def _settings_in(folder: Path) -> Iterator[Path]:
    return (one for name in _SETTINGS if (one := folder / name).is_file())


def _settings_within(slot: Slot) -> Iterator[Path]:
    """Cargo's settings in the copy of the workspace and above it."""
    folder = slot.overlay.tree
    while folder.is_relative_to(slot.roof):
        yield from _settings_in(folder / ".cargo")
        folder = folder.parent


def _holds_secrets(settings: Path) -> bool:
    try:
        return b"token" in settings.read_bytes()
    except OSError:
        return True


@cache
def _memory_bytes_max() -> int:
    """Three quarters of this machine's memory."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4
    except (AttributeError, OSError, ValueError):
        return 8 << 30
