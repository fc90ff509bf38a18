"""What a Python module requires from elsewhere, and the virtual environment made of it."""

import re
import tomllib

from tars.runner.building.sources import folder_of, joined, refused, under, upward
from tars.runner.values import EnvironmentPlan, Source, Step

_SCRIPT_BLOCK = re.compile(rb"(?m)^# /// script\s*$\s((?:^#(?: .*)?$\s)+?)^# ///\s*$")
_NAMES = ("requirements.lock", "requirements.txt")
_LOCAL = re.compile(r"^(?:\.{1,2}[/\\]|/|file:|[\w.-]+\s*@\s*file:)")


def environment_of(source: Source, tool: str) -> EnvironmentPlan | None:
    """The environment of what the module requires; None where it requires nothing and names none.

    Looked for in this order: the script's own `# /// script` block, then beside the source (and, where `environment` is
    given, above it) `requirements-<environment>.txt`, `requirements.lock`, `requirements.txt`, `pyproject.toml`.
    """
    named = source.module.environment
    inline = _inline(source)
    if inline is not None:
        return _plan(tool, (), "".join(f"{line}\n" for line in inline))
    for folder in upward(folder_of(source)):
        names = (f"requirements-{named}.txt", *_NAMES) if named and "/" not in named else _NAMES
        for name in names:
            path = joined(folder, name)
            if path in source.files:
                reads = _included(source, path)
                if named or any(_requirements(source.files[read]) for read in reads):
                    return _plan(tool, reads, "")
        if (path := joined(folder, "pyproject.toml")) in source.files:
            listed = _project_dependencies(source, path)
            if listed or named:
                return _plan(tool, (), "".join(f"{line}\n" for line in listed))
        if not named:
            break
    return _plan(tool, (), "") if named else None


def _plan(tool: str, reads: tuple[str, ...], listed: str) -> EnvironmentPlan:
    """pip takes a relative path in a requirements file from where it is started: that is beside the first file."""
    cwd = "{project}"
    requirements: tuple[str, ...] = ()
    if reads:
        folder, _, name = reads[0].rpartition("/")
        cwd, requirements = joined("{project}", folder), (name,)
    elif listed:
        requirements = ("{environment}/requirements.txt",)
    step = Step((f"{{tool:{tool}}}", "{shims}/python_environment.py", "{environment}", *requirements), cwd=cwd)
    return EnvironmentPlan((step,), reads, {"requirements.txt": listed.encode()} if listed else {})


def _inline(source: Source) -> list[str] | None:
    """The dependencies in a script's own metadata (PEP 723)."""
    if source.is_folder:
        return None
    content = source.files.get(source.module.source, b"")
    if b"# /// script" not in content:
        return None
    match = _SCRIPT_BLOCK.search(content.replace(b"\r\n", b"\n"))
    if match is None:
        return None
    text = "\n".join(line[2:] for line in match.group(1).decode("utf-8", "replace").splitlines())
    try:
        listed = tomllib.loads(text).get("dependencies", [])
    except tomllib.TOMLDecodeError as error:
        raise refused(source, f"the `# /// script` block is not TOML: {error}", "see PEP 723") from error
    return [str(one) for one in listed] or None


def _project_dependencies(source: Source, path: str) -> list[str]:
    try:
        project = tomllib.loads(source.files[path].decode("utf-8", "replace")).get("project", {})
    except tomllib.TOMLDecodeError as error:
        raise refused(source, f"`{path}` is not TOML: {error}", "mend the file") from error
    if "dependencies" in project.get("dynamic", []):
        hint = "list them in a requirements.txt beside it"
        raise refused(
            source, f"the dependencies in `{path}` are computed when it is built, so they cannot be read", hint
        )
    return [str(one) for one in project.get("dependencies", [])]


def _requirements(content: bytes) -> list[str]:
    lines = content.decode("utf-8", "replace").replace("\\\n", " ").splitlines()
    return [line for line in (re.sub(r"(^|\s)#.*", "", line).strip() for line in lines) if line]


def _included(source: Source, path: str) -> tuple[str, ...]:
    """The requirements file first, then the files that it includes and the local packages that it names."""
    found = {path: None}
    waiting = [path]
    base = path.rpartition("/")[0]
    while waiting:
        current = waiting.pop()
        folder = current.rpartition("/")[0]
        for line in _requirements(source.files[current]):
            option, _, rest = line.replace("=", " ", 1).partition(" ") if line.startswith("-") else ("", "", line)
            if option in ("-e", "--editable"):
                raise refused(
                    source, f"`{current}` has an editable requirement: {line}", "name the folder without `-e`"
                )
            if option in ("-r", "--requirement", "-c", "--constraint"):
                other = joined(folder, rest.strip())
                if other in source.files and other not in found:
                    found[other] = None
                    waiting.append(other)
            elif not option and _LOCAL.match(rest):
                target = joined(base, re.sub(r"^.*file:(//)?", "", rest).split(";")[0].split("[")[0].strip())
                found |= dict.fromkeys(under(source, target) or ((target,) if target in source.files else ()))
    return tuple(found)
