"""Makes a virtual environment and installs requirements: `python_environment.py FOLDER [REQUIREMENTS_FILE]`.

It runs in the interpreter that the environment is for, and uses that one's own pip where it can: copying pip into each
environment takes most of the time that making one needs.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import venv

INSTALL = ("install", "--disable-pip-version-check", "--no-input", "--quiet")


def main() -> None:
    folder, requirements = sys.argv[1], sys.argv[2:]
    venv.EnvBuilder(symlinks=os.name != "nt").create(folder)
    if not requirements:
        return
    program = (
        os.path.join(folder, "Scripts", "python.exe") if os.name == "nt" else os.path.join(folder, "bin", "python")
    )
    if _can_install_elsewhere():
        command = [sys.executable, "-m", "pip", "--python", program]
    else:
        if importlib.util.find_spec("ensurepip") is None:
            sys.exit(
                f"{sys.executable} has no pip to install with; add it, for instance by `apt-get install python3-pip`"
            )
        subprocess.run([program, "-m", "ensurepip", "--default-pip"], check=True, stdout=subprocess.DEVNULL)
        command = [program, "-m", "pip"]
    sys.exit(subprocess.run([*command, *INSTALL, "--requirement", *requirements], check=False).returncode)


def _can_install_elsewhere() -> bool:
    """Whether this interpreter's pip knows `--python` (since 22.3)."""
    if importlib.util.find_spec("pip") is None:
        return False
    import pip  # noqa: PLC0415 - may be missing

    major, minor = (int("".join(filter(str.isdigit, part)) or "0") for part in (pip.__version__ + ".0").split(".")[:2])
    return (major, minor) >= (22, 3)


if __name__ == "__main__":
    main()
