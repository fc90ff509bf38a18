"""What `tarscli doctor --sandboxes` says: what was found by attack, also where a sandbox claims more than it holds."""

import sys

import pytest

from tars.core.values import Readiness
from tars.runner.sandboxes.none import NoSandbox
from tars.runner.values import Guarantee
from tars.ui.cli import guarantees

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the attacks are written for Linux")


class Liar(NoSandbox):
    """A plug-in of somebody's that holds nothing back and says that it does."""

    name = "liar"

    def guarantees(self) -> frozenset[Guarantee]:
        return frozenset({Guarantee.FILES_READ, Guarantee.FILES_WRITE})


class Absent(NoSandbox):
    name = "absent"

    def readiness(self) -> Readiness:
        return Readiness(False, "no engine\x1b[31m", hint="install one")


def test_a_claim_that_an_attack_broke_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"liar": Liar(), "absent": Absent()}
    monkeypatch.setattr(guarantees.SANDBOXES.__class__, "names", lambda _: tuple(found))
    monkeypatch.setattr(guarantees.SANDBOXES.__class__, "load", lambda _, name: found[name])
    rows = list(guarantees.attack_all())
    assert [(row.name, row.ready) for row in rows] == [("liar", True), ("absent", False)]
    assert rows[0].verdicts[Guarantee.FILES_READ] == "open"
    assert rows[0].verdicts[Guarantee.SIGNALS] == "open"
    assert rows[0].wrong == ("files-read", "files-write")
    text = guarantees.text(rows)
    assert "liar claims files-read, files-write, and an attack broke it" in text
    assert "absent: no engine" in text
    assert "install one" in text
    assert "\x1b" not in text
