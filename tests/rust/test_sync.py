"""Snapshots of what a project allows: by licence, by hash, without network unless asked, never during an episode."""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tars.core.errors import TarsError, UsageError
from tars.rust.evaluation.licences import LicenceError, allows, licence_of, recognised
from tars.rust.learning.sync import Source, Synced, episode_lock, snapshots, sources_of, sync
from tars.store import Store, open_store

MIT = (
    "Permission is hereby granted, free of charge, to any person obtaining a copy of this software\n and associated "
    'files (the "Software"), to deal in the Software without restriction, including …'
)
APACHE = "Apache License\n   Version 2.0, January 2004\n …"
BSD = (
    "Redistribution and use in source and binary forms, with or without modification, are permitted provided that …\n"
    "Redistributions in binary form must reproduce the above copyright notice …\n"
)
ISC = (
    "Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby\n"
    "granted, provided that the above …"
)
TEXTS = {
    "MIT": MIT,
    "Apache-2.0": APACHE,
    "BSD-2-Clause": BSD,
    "BSD-3-Clause": BSD + "Neither the name of …",
    "ISC": ISC,
    "0BSD": ISC.replace(", provided that the above …", '. THE SOFTWARE IS PROVIDED "AS IS" …'),
    "Unlicense": "This is free and unencumbered software released into the public domain.",
    "": "GNU GENERAL PUBLIC LICENSE\nVersion 3",
}
SERVER = """
import http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        if self.path.startswith("/away"):
            self.send_response(302)
            self.send_header("Location", f"http://localhost:{self.server.server_address[1]}/a.tar.gz")
            self.end_headers()
        elif self.path.startswith("/near"):
            self.send_response(302); self.send_header("Location", "/a.tar.gz"); self.end_headers()
        else:
            super().do_GET()
    def log_message(self, *given): pass
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
import threading
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / ".tars") as opened:
        yield opened


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """A folder `served` behind a server of its own on loopback."""
    (tmp_path / "served").mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        cwd=tmp_path / "served",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None
    yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    process.stdin.close()
    process.wait(timeout=10)


def tar(files: Mapping[str, bytes], link: str = "") -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        if link:
            member = tarfile.TarInfo("a-1/link")
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return data.getvalue()


def one(store: Store, place: str, *, network: bool = False, sha256: str = "") -> Synced:
    (found,) = sync(store, (Source("a", place, sha256),), network=network)
    return found


@pytest.mark.parametrize(("name", "text"), TEXTS.items(), ids=lambda value: value[:12])
def test_texts_of_licences(name: str, text: str) -> None:
    assert recognised(text) == name
    assert recognised(text.upper().replace(" ", "\n  ")) == name
    assert recognised(text + "\nThe Commons Clause applies.") == ""


EXPRESSIONS = {
    "MIT": True,
    "MIT OR Apache-2.0": True,
    "MIT/Apache-2.0": True,
    "GPL-3.0-only OR MIT": True,
    "GPL-3.0-only AND MIT": False,
    "(MIT OR GPL-2.0) AND Apache-2.0 WITH LLVM-exception": True,
    "(MIT OR Apache-2.0) AND Unicode-3.0": False,
    "Apache-2.0 WITH Classpath-exception-2.0": False,
    "MPL-2.0": False,
    "MIT AND": False,
    "(MIT": False,
    "MIT GPL-3.0": False,
    "": False,
    "MIT; rm -rf": False,
}


@pytest.mark.parametrize(("expression", "allowed"), EXPRESSIONS.items())
def test_expressions(expression: str, allowed: bool) -> None:
    assert allows(expression) is allowed


def test_a_licence_is_what_the_source_itself_says() -> None:
    manifest = b'[package]\nname = "x"\nlicense = "MIT OR Apache-2.0"\n'
    assert licence_of({"Cargo.toml": manifest, "src/lib.rs": b""}) == "MIT OR Apache-2.0"
    assert licence_of({"LICENSE-MIT": MIT.encode(), "LICENSE-APACHE": APACHE.encode()}) == "Apache-2.0, MIT"
    assert licence_of({"COPYING": MIT.encode(), "src/license.rs": b"// code"}) == "MIT"
    with pytest.raises(LicenceError, match="nothing in it says"):
        licence_of({"src/lib.rs": b""})
    with pytest.raises(LicenceError, match=r"its Cargo.toml is GPL-3.0"):
        licence_of({"Cargo.toml": b'[package]\nlicense = "GPL-3.0"\n', "LICENSE": MIT.encode()})
    with pytest.raises(LicenceError, match=r"vendor/b/Cargo.toml is MPL-2.0"):
        licence_of({"Cargo.toml": manifest, "vendor/b/Cargo.toml": b'[package]\nlicense = "MPL-2.0"\n'})
    with pytest.raises(LicenceError, match="vendor/LICENSE is none"):
        licence_of({"Cargo.toml": manifest, "vendor/LICENSE": b"all rights reserved"})


def test_a_folder_becomes_a_snapshot_once(tmp_path: Path, store: Store) -> None:
    folder = tmp_path / "docs"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "config").write_text("secret")
    (folder / "LICENSE").write_text(MIT)
    (folder / "page.html").write_text("text")
    (folder / "link").symlink_to("/etc/passwd")
    for place in (str(folder), folder.as_uri()):
        found = one(store, place)
        assert (found.licence, found.files) == ("MIT", 2)
    assert found.outcome == "unchanged"
    (entry,) = snapshots(store)
    tree = store.objects.tree(entry.body["trees"][0])  # type: ignore[arg-type,index,call-overload]
    assert set(tree) == {"LICENSE", "page.html"}
    assert store.objects.get(tree["page.html"].digest) == b"text"
    (folder / "page.html").write_text("other")
    assert one(store, str(folder)).outcome == "kept"
    (folder / "LICENSE").write_text("mine, mine")
    assert one(store, str(folder)).outcome == "refused"
    assert len(list(snapshots(store))) == 1


def test_an_archive_by_file_url(tmp_path: Path, store: Store) -> None:
    data = tar({"a-1/LICENSE": MIT.encode(), "a-1/src/lib.rs": b"// code"}, link="/etc/passwd")
    (tmp_path / "a.crate").write_bytes(data)
    url = (tmp_path / "a.crate").as_uri()
    assert one(store, url, sha256="0" * 64).why == "it does not have the sha256 that the allow-list names"
    found = one(store, url, sha256=hashlib.sha256(data).hexdigest())
    assert (found.outcome, found.files) == ("kept", 2)
    (entry,) = snapshots(store)
    assert set(store.objects.tree(entry.body["trees"][0])) == {"LICENSE", "src/lib.rs"}  # type: ignore[arg-type,index,call-overload]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a-1/LICENSE", MIT)
        archive.writestr("a-1/src/lib.rs", "// code")
    (tmp_path / "a.zip").write_bytes(zipped.getvalue())
    assert one(store, str(tmp_path / "a.zip")).outcome == "unchanged"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (tar({"../../etc/passwd": b"x", "LICENSE": MIT.encode()}), "`.` or `..`"),
        (tar({"/etc/passwd": b"x"}), "empty or absolute"),
        (tar({"a/LICENSE": MIT.encode()})[:60], "damaged archive"),
        (b"PK\x03\x04 not a zip", "damaged archive"),
        (b"plain text", "nothing in it says"),
    ],
    ids=["climbing", "absolute", "cut", "no-archive", "text"],
)
def test_hostile_archives(data: bytes, why: str, tmp_path: Path, store: Store) -> None:
    (tmp_path / "a.tar.gz").write_bytes(data)
    found = one(store, str(tmp_path / "a.tar.gz"))
    assert found.outcome == "refused"
    assert why in found.why
    assert list(snapshots(store)) == []


def test_the_network_only_when_asked(tmp_path: Path, store: Store, served: str) -> None:
    (tmp_path / "served" / "a.tar.gz").write_bytes(tar({"a-1/LICENSE": MIT.encode()}))
    assert one(store, f"{served}/a.tar.gz").outcome == "skipped"
    assert one(store, f"{served}/a.tar.gz", network=True).outcome == "kept"
    assert one(store, f"{served}/near", network=True).outcome == "unchanged"
    assert "redirects to localhost" in one(store, f"{served}/away", network=True).why
    assert one(store, f"{served}/nothing", network=True).outcome == "failed"
    assert one(store, "http://127.0.0.1:9/a", network=True).outcome == "failed"


def test_never_during_an_episode(tmp_path: Path, store: Store) -> None:
    with episode_lock(store), pytest.raises(TarsError, match="an episode is going on"):
        one(store, str(tmp_path))
    assert one(store, str(tmp_path / "nowhere")).outcome == "refused"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[source", "is not TOML"),
        ("source = 1", "`source` is no list"),
        ('[[source]]\nname = "a"', "needs `name` and `from`"),
        ('[[source]]\nname = "a"\nfrom = 3', "not made of texts"),
        ('[[source]]\nname = "a"\nfrom = "b"\nlicense = "MIT"', "unknown key `license`"),
        ('[[source]]\nname = "a"\nfrom = "ftp://x/y"', "`ftp` is no way to fetch"),
        ('[[source]]\nname = "a"\nfrom = "b"\n[[source]]\nname = "a"\nfrom = "c"', "two sources named `a`"),
    ],
)
def test_a_wrong_allow_list(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "rust-sources.toml").write_text(text)
    with pytest.raises(UsageError, match=message):
        sources_of(tmp_path)


def test_the_command(tmp_path: Path, run_here: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    assert "there is no" in run_here("rust", "sync", folder=tmp_path, code=2).stderr
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "LICENSE").write_text(MIT)
    text = '[[source]]\nname = "docs"\nfrom = "docs"\n[[source]]\nname = "far"\nfrom = "https://example.org/a.tar.gz"\n'
    (tmp_path / "rust-sources.toml").write_text(text)
    done = run_here("rust", "sync", folder=tmp_path)
    assert "docs: kept: 1 file" in done.stdout
    assert "far: skipped" in done.stdout
    listed = json.loads(run_here("rust", "sync", "--list", "--json", folder=tmp_path).stdout)
    assert [entry["name"] for entry in listed["snapshots"]] == ["docs"]
    (tmp_path / "docs" / "LICENSE").write_text("all rights reserved")
    done = run_here("rust", "sync", folder=tmp_path, code=1)
    assert "docs: refused: its LICENSE is none of the licences that are allowed" in done.stdout
