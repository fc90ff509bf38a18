"""Where the sources of the client libraries are."""

from pathlib import Path

import tars


def clients_folder() -> Path:
    """In the installed package, else in the clone that TARS runs from."""
    package = Path(tars.__path__[0])
    installed = package / "clients"
    return installed if installed.is_dir() else package.parent.parent / "clients"
