"""`tarscli new module --from FILE`: a block for an agent's source, put into the project's metascript."""

import argparse
from pathlib import Path

from tars.core.errors import InputError, TarsError, UsageError
from tars.core.values import Severity
from tars.lang.syntax import tree
from tars.lang.syntax.parse import parse as parse_metascript
from tars.ui.cli.commands.fmt import replace_file
from tars.ui.cli.console import Console
from tars.ui.cli.meaning import load_file
from tars.ui.cli.metatexts import read_text
from tars.ui.cli.printable import printable
from tars.ui.cli.project import existing_file, find_metascript, metascripts, project_of
from tars.ui.starting.block import Started, block, choose
from tars.ui.starting.functions import read
from tars.ui.starting.grammars import damaged, language_of, parse

SOURCE_BYTES_MAX = 4 * 1024 * 1024
_DEFAULT = "pipeline.tars"


def new_module(arguments: argparse.Namespace, console: Console) -> int:
    """Write the block, and samples of the inputs that it needs; nothing where the metascript would have errors."""
    source = existing_file(arguments.source, "source")
    metascript = _metascript(arguments)
    project = project_of(arguments, metascript)
    path = _relative(source, metascript.parent)
    language = language_of(path)
    data = source.read_bytes()
    if len(data) > SOURCE_BYTES_MAX:
        raise UsageError(f"`{source}` is larger than 4 MiB", hint="name the file that the agent starts in")
    root = parse(path, _text(data, path))
    function = choose(read(language, root), path, arguments.entry or "")
    before = read_text(metascript.read_bytes(), str(metascript)) if metascript.is_file() else ""
    name = _name(arguments.name or source.stem, before, str(metascript), chosen=bool(arguments.name))
    made = block(name, path, language, function)
    text = f"{before.rstrip()}\n\n{made.text}" if before.strip() else made.text
    written = _write(metascript, project, text, made)
    console.answer(
        {"metascript": str(metascript), "module": name, "entry_point": function.name if function else "",
         "block": made.text, "files": [str(file) for file in written]}
    )  # fmt: skip
    console.write(printable(made.text.rstrip()))
    if root.has_error:
        line = 1 + min(node.start_point[0] for node in damaged(root))
        console.note(printable(f"Line {line} of {path} could not be read, so the block may lack something"))
    for file in written:
        console.note(printable(f"A sample of its input is in {file}: put your own there"))
    console.note(printable(f"Added to {metascript}. Next: tarscli run {metascript} --only {name}"))
    return 0


def _text(data: bytes, path: str) -> bytes:
    """The source without its mark of UTF-8. Raises `UsageError` where it is no text."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"`{path}` is not UTF-8 text", hint="name the source that the agent starts in") from None
    return data.removeprefix(b"\xef\xbb\xbf")


def _metascript(arguments: argparse.Namespace) -> Path:
    if arguments.file and not Path(arguments.file).exists() and arguments.file.endswith(".tars"):
        return Path(arguments.file)
    folder = Path(arguments.project or ".")
    if not arguments.file and not metascripts(folder):
        return folder / _DEFAULT
    arguments.verb = "new module --from … --file"
    return find_metascript(arguments.file, arguments)


def _relative(source: Path, folder: Path) -> str:
    try:
        return source.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        hint = "put the agent into the metascript's folder, or name another metascript: `--file`"
        raise UsageError(f"`{source}` is not in the metascript's folder", hint=hint) from None


def _name(wanted: str, before: str, path: str, *, chosen: bool) -> str:
    """A name that no module of the metascript has. Raises `UsageError` where the one that was asked for is taken."""
    name = "".join(letter if letter.isalnum() or letter in "_-" else "_" for letter in wanted).strip("_-") or "agent"
    name = name if not name[0].isdigit() else f"agent_{name}"
    items = parse_metascript(before, path).body.items
    taken = {label.text for item in items if isinstance(item, tree.Block) for label in item.labels[:1]}
    if name in taken and chosen:
        raise UsageError(f"`{path}` already has a block called `{name}`", hint="give another: `--name NAME`")
    free = (f"{name}_{number}" if number > 1 else name for number in range(1, len(taken) + 3))
    return next(each for each in free if each not in taken)


def _write(metascript: Path, project: Path, text: str, made: Started) -> list[Path]:
    """The samples that were written. Checked first: the samples count as being there."""
    folder = metascript.parent
    samples = {folder / name: content for name, content in made.files.items() if not (folder / name).exists()}
    root = project.resolve()

    def inside(path: Path) -> str:
        return path.resolve().relative_to(root).as_posix()

    texts = {inside(metascript): text} | {inside(path): content for path, content in samples.items()}
    loaded = load_file(metascript.absolute(), project, texts=texts)
    errors = [one for one in loaded.diagnostics if one.severity is Severity.ERROR]
    if errors:
        raise InputError(f"`{metascript}` would have errors; nothing was written", errors, hint="mend them first")
    try:
        for path, content in samples.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        if not metascript.exists():
            metascript.touch()
        replace_file(metascript, text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise TarsError(f"`{error.filename}` cannot be written: {reason}", hint="check its folder") from error
    return list(samples)
