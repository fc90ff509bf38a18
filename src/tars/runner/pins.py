"""A module pinned to a stored version: its source is laid out from the store and run from there."""

import os
import re
import shutil
from pathlib import Path

from ducktools.classbuilder.prefab import replace

from tars.core.errors import InputError
from tars.core.values import Diagnostic, Digest, Severity
from tars.lang.values import Module
from tars.runner.declaration import declared
from tars.runner.workspace import STATE, Workspace
from tars.store.versions import resolve

_PINS = f"{STATE}/cache/pins/"
_LAID_OUT = rf"{re.escape(_PINS)}[0-9a-f]{{32}}/"


def pinned(module: Module, workspace: Workspace) -> Module:
    """The module with its source in the pinned version; a module without a pin as it is.

    A module that is only declared by its pin runs as it was declared in that version.
    """
    if not module.pin:
        return module
    number, state = resolve(workspace.store, module.pin)
    if state.language != module.language:
        message = f"{module.pin} is a {state.language} module, not a {module.language} one"
        finding = Diagnostic("T0090", Severity.ERROR, message, module.span, f"write `use_{state.language}_module`")
        raise InputError(message, (finding,))
    then = declared(state.declaration, module.span, module.needs)
    folder = _lay_out(workspace, state.source)
    source = f"{folder}/{then.source}" if then.source else folder
    if module.source:
        return replace(module, source=source, entry_point=then.entry_point or module.entry_point)
    return replace(then, address=module.address, name=module.name, source=source, pin=f"{state.name}@v{number}")


def original(text: str) -> str:
    """The text with every path to a pinned module's source as it was in the project when the version was made: a result
    rests on what the source is, not on where it lies."""
    return re.sub(_LAID_OUT, "", text) if _PINS in text else text


def _lay_out(workspace: Workspace, tree: Digest) -> str:
    """The folder, relative to the project, that holds the tree; made once, and whole when it is there."""
    relative = f"{_PINS}{tree[:32]}"
    folder = workspace.project / relative
    if not folder.is_dir():
        made = Path(f"{folder}.{os.getpid()}")
        shutil.rmtree(made, ignore_errors=True)
        workspace.store.objects.restore_tree(workspace.store.objects.tree(tree), made)
        os.rename(made, folder)
    return relative
