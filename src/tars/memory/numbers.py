"""numpy, for what is judged; without it, one line that says how to get it."""

from tars.core.errors import UnavailableError

try:
    import numpy as np
except ImportError as error:
    raise UnavailableError(
        "beliefs need numpy, which is not installed", hint="pip install 'tars-agents[memory]'"
    ) from error

__all__ = ["np"]
