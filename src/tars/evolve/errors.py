"""What can go wrong in an evolution.

TarsError
├── PatchError     a patch is not one, or does not apply to this text
├── BrokenError    the version before fails itself: there is nothing to begin from
└── TamperError    what judges was changed while an evolution went on; it ends, and nothing is accepted
"""

from tars.core.errors import TarsError


class PatchError(TarsError):
    pass


class BrokenError(TarsError):
    pass


class TamperError(TarsError):
    pass
