"""No sandbox: the command runs as the user's own, with all that the user may do; it claims nothing."""

from tars.core.values import Readiness
from tars.runner.sandbox import Sandbox
from tars.runner.values import Cell, Guarantee, Launch


class NoSandbox:
    name = "none"

    def readiness(self) -> Readiness:
        return Readiness(True, "nothing is held back")

    def guarantees(self) -> frozenset[Guarantee]:
        return frozenset()

    def launch(self, cell: Cell) -> Launch:
        return Launch(cell.argv, cell.env, cell.cwd)


PLUGIN: Sandbox = NoSandbox()
