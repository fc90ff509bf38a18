"""A disk that is full is told from code that does not build."""

import shutil
from collections import namedtuple

import pytest

from tars.core.errors import TarsError
from tars.rust.checking.rustc import LoneCrate

Usage = namedtuple("Usage", "total used free")
FULL = 'fn main() { compile_error!("No space left on device (os error 28)"); }'


@pytest.mark.parametrize(("free", "refused"), [(0, True), (1 << 40, False)])
def test_a_full_disk_is_no_broken_code(free: int, refused: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a compiler says of its disk counts only where the disk is full."""
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(1 << 40, 0, free))
    with LoneCrate("main.rs") as crate:
        if refused:
            with pytest.raises(TarsError, match="there is no room left to build in"):
                crate.check({"main.rs": FULL.encode()})
        else:
            assert len(crate.check({"main.rs": FULL.encode()}).errors) == 1
        assert crate.check({"main.rs": b"fn main() {}"}).ok
