"""Runs one Python script in a Hyperlight micro-VM, by the package `hyperlight-sandbox`.

`hyperlight_host.py run SCRIPT HEAP -- ARGUMENTS`: the script sees its arguments, its environment and stdin, and nothing
of this machine. What it prints is printed; what it writes to `/output` is put into the working folder.
`hyperlight_host.py probe` runs a guest that tells that it ran.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile

FAILED = 125
COMPLAINT = "hyperlight: "
START = """import io as _io, json as _json, os as _os, sys as _sys
_given = _json.loads({given!r})
_os.environ.clear(); _os.environ.update(_given["env"])
_sys.argv[:] = _given["argv"]; _sys.stdin = _io.StringIO(_given["stdin"])
exec(compile(_given["source"], _given["argv"][0], "exec"), {{"__name__": "__main__", "__file__": _given["argv"][0]}})
"""
PROBE = "print(6 * 7)"


def main() -> int:
    try:
        from hyperlight_sandbox import Sandbox  # noqa: PLC0415 - what it lacks is told in one line
    except ImportError as error:
        return refuse(f"the package hyperlight-sandbox is not installed ({error})")
    if sys.argv[1] == "probe":
        return run(Sandbox, PROBE, {})
    script, heap = sys.argv[2:4]
    with open(script, encoding="utf-8") as file:
        source = file.read()
    here = os.getcwd()
    env = {name: value.replace(here, "/output") for name, value in os.environ.items()}
    argv = [os.path.basename(script), *sys.argv[5:]]
    given = json.dumps({"env": env, "argv": argv, "stdin": sys.stdin.read(), "source": source})
    with tempfile.TemporaryDirectory(prefix="tars-hyperlight-") as folder:
        more = {"output_dir": folder, **({"heap_size": heap} if heap != "0" else {})}
        code = run(Sandbox, START.format(given=given), more)
        bring(folder, here)
    return code


def run(sandbox: type, code: str, more: dict[str, str]) -> int:
    """The guest's exit code; its output is passed on. A guest that cannot be started is refused in one line."""
    try:
        result = sandbox(**more).run(code)
    except Exception as error:  # whatever the backend raises, of which it documents nothing
        return refuse(": ".join(dict.fromkeys(str(error).split(": "))))  # its layers repeat each other
    sys.stdout.write(result.stdout)
    sys.stderr.write(result.stderr)
    return int(result.exit_code)


def bring(folder: str, here: str) -> None:
    """Puts the files that the guest wrote into the working folder; never links, and never through one."""
    for parent, folders, files in os.walk(folder):
        target = os.path.normpath(os.path.join(here, os.path.relpath(parent, folder)))
        folders[:] = [name for name in folders if not os.path.islink(os.path.join(target, name))]
        for name in files:
            source, place = os.path.join(parent, name), os.path.join(target, name)
            if not os.path.islink(source) and not os.path.islink(place) and os.path.isfile(source):
                os.makedirs(target, exist_ok=True)
                shutil.copyfile(source, place, follow_symlinks=False)


def refuse(message: str) -> int:
    sys.stderr.write(f"{COMPLAINT}{message}\n")
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
