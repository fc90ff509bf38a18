"""How an extra of this package is installed: with the pip of the interpreter that TARS itself runs on.

That pip finds TARS installed, be it from a clone or from a package, and adds what the extra asks for; any other would
look for TARS on an index, and install it where this one does not see it.
"""

import sys
from typing import Final

_PYTHON: Final = sys.executable or "python3"
PIP_INSTALL: Final = f'"{_PYTHON}" -m pip install' if " " in _PYTHON else f"{_PYTHON} -m pip install"


def install_of(*extras: str) -> str:
    """The command for a shell, on one line."""
    return f"{PIP_INSTALL} 'tars-agents[{','.join(extras)}]'"
