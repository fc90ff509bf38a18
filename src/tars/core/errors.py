"""What can go wrong in the world, as exceptions with a next step.

The user's mistakes in a metascript are `Diagnostic` values, which `InputError` carries.

TarsError                exit 1   a command could not do what it was asked
├── InputError           exit 1   the user's files have findings; carries the diagnostics
├── UsageError           exit 2   the command line is wrong
├── UnavailableError     exit 3   this machine lacks a tool, a permission or an extra
└── StoreError           exit 1   the project's `.tars` folder cannot be used as it is
    └── CorruptError     exit 1   stored data does not match its digest
"""

from collections.abc import Sequence

from tars.core.values import Diagnostic


class TarsError(Exception):
    """Base of all errors that a user may see: `message` says what and where, `hint` the next step."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(TarsError):
    """The user's files have errors; `diagnostics` holds all of them."""

    def __init__(self, message: str, diagnostics: Sequence[Diagnostic], *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.diagnostics = tuple(diagnostics)


class UsageError(TarsError):
    exit_code = 2


class UnavailableError(TarsError):
    exit_code = 3


class StoreError(TarsError):
    pass


class CorruptError(StoreError):
    pass
