"""The `hyperlight` sandbox: a Python script in a micro-VM of its own, by the packages `hyperlight-sandbox`.

That `/dev/kvm` is there and answers proves nothing: on some machines its guests fail. So it counts as ready only where
a guest has run and told so.
"""

import importlib.util
import os
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from typing import Final

from ducktools.classbuilder.prefab import Prefab

from tars.core.extras import install_of
from tars.core.values import Readiness
from tars.runner import shims
from tars.runner.sandbox import Policy, Sandbox
from tars.runner.values import Cell, Guarantee, Launch

HINT: Final = f"{install_of('hyperlight')}, on a machine with KVM or Hyper-V whose guests run"
ELSEWHERE: Final = "use a machine with KVM or Hyper-V on which its guests run, or leave `hyperlight` out"
TRIAL_SECONDS_MAX: Final = 30.0
FAILED: Final = 125
COMPLAINT: Final = b"hyperlight: "


class HyperlightSandbox(Prefab, slots=False):
    """`python` is an interpreter that has the packages."""

    name: str = "hyperlight"
    python: str = sys.executable

    def readiness(self) -> Readiness:
        return self._ready

    def guarantees(self) -> frozenset[Guarantee]:
        return frozenset(Guarantee) if self._ready.ready else frozenset()

    def lacks(self, policy: Policy) -> str:
        resources = policy.resources
        if not policy.script:
            return "it runs lone Python scripts only, without packages"
        for asked, what in (
            (resources.network, "network"),
            (resources.gpu, "graphics processor"),
            (resources.files_read or resources.files_write, "files but what the script itself writes"),
            (resources.image, "`image`"),
        ):
            if asked:
                return f"its micro-VM has no {what}"
        return "it cannot hold a share of a processor (`cpu`)" if resources.cpu is not None else ""

    def launch(self, cell: Cell) -> Launch:
        """The script, which is the first `.py` of the command, in a micro-VM."""
        script = next(index for index, word in enumerate(cell.argv) if word.endswith(".py"))
        heap = f"{max(1, cell.limits.memory_bytes_max >> 20)}Mi" if cell.limits.memory_bytes_max else "0"
        argv = (self.python, "-I", self._host, "run", cell.argv[script], heap, "--", *cell.argv[script + 1 :])
        return Launch(argv, cell.env, cell.cwd, complaint=COMPLAINT, complaint_codes=(FAILED,), limited=True)

    @property
    def _host(self) -> str:
        return str(Path(next(iter(shims.__path__)), "hyperlight_host.py"))

    @cached_property
    def _ready(self) -> Readiness:
        """Found by running a guest, in a process of its own: a backend that fails may take its process with it."""
        if self.python == sys.executable and importlib.util.find_spec("hyperlight_sandbox") is None:
            return Readiness(False, "the package hyperlight-sandbox is not installed", hint=HINT)
        try:
            done = subprocess.run(
                (self.python, "-I", self._host, "probe"), stdin=subprocess.DEVNULL, capture_output=True,
                timeout=TRIAL_SECONDS_MAX, check=False, cwd="/", env={"PATH": os.defpath},
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            return Readiness(False, f"a guest did not run: {error}", hint=ELSEWHERE)
        if (done.returncode, done.stdout.strip()) == (0, b"42"):
            return Readiness(True, "a guest ran in a micro-VM")
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        why = lines[-1].removeprefix(COMPLAINT.decode()) if lines else f"exit code {done.returncode}"
        return Readiness(False, f"a guest did not run: {why}", hint=HINT if "not installed" in why else ELSEWHERE)


PLUGIN: Sandbox = HyperlightSandbox()
