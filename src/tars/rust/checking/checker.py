"""What can be asked about a workspace whose files are given: the probes that the search and the gates rest on."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tars.rust.syntax.source import SourceFile
from tars.rust.values import Checked, Place, Tested


class Checker(Protocol):
    """Answers for one workspace; `files` are all its own Rust files, changed or not, by path. One thread at a time:
    a search holds as many checkers as it has workers, each with folders of its own. The user's tree is never written.
    """

    def check(self, files: Mapping[str, bytes]) -> Checked:
        """Whether everything builds, its tests, examples and benches too, and what the compiler says."""
        ...

    def clippy(self, files: Mapping[str, bytes]) -> Checked:
        """As `check`, with clippy's lints. Raises `UnavailableError` where there is no clippy."""
        ...

    def test(
        self, files: Mapping[str, bytes], names: Sequence[str] = (), *, seconds_max: float | None = None
    ) -> Tested:
        """Builds and runs the tests, documentation tests too, in the process sandbox and without network; with `names`
        only these, by their full names. What has not ended after `seconds_max` fails."""
        ...

    def types(self, files: Mapping[str, SourceFile], expressions: Sequence[Place]) -> Sequence[str | None]:
        """The types of expressions as the compiler prints them; None where it does not tell."""
        ...

    def cancel(self) -> None:
        """Ends what is being asked, from another thread; it returns at once, as not checked, with a `detail`. Nothing
        more is asked afterwards."""
        ...

    def close(self) -> None: ...
