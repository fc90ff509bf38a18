"""numpy, or the error that names the extra that recall comes with."""

from tars.core.errors import UnavailableError
from tars.core.extras import install_of

try:
    from tars.memory.numbers import np
except UnavailableError as error:
    raise UnavailableError("recall needs numpy, which is not installed", hint=install_of("recall")) from error

__all__ = ["np"]
