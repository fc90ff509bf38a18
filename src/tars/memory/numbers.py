"""numpy, for what is judged; without it, one line that says how to get it.

Its linear algebra is told to use one thread, unless the environment says otherwise or it is loaded already: the small
matrices here gain nothing from more, and on a busy machine threads that wait for each other take fifty times as long.
"""

import os

from tars.core.errors import UnavailableError
from tars.core.extras import install_of

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

try:
    import numpy as np
except ImportError as error:
    raise UnavailableError("beliefs need numpy, which is not installed", hint=install_of("memory")) from error

__all__ = ["np"]
