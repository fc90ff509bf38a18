"""No sandbox: the command runs as the user's own, with all that the user may do; it claims nothing."""

from tars.core.values import Readiness
from tars.runner.sandbox import Policy, Sandbox, lacks_of_machine
from tars.runner.values import Cell, Guarantee, Launch


class NoSandbox:
    name = "none"

    def readiness(self) -> Readiness:
        return Readiness(True, "nothing is held back")

    def guarantees(self) -> frozenset[Guarantee]:
        return frozenset()

    def lacks(self, policy: Policy) -> str:
        """It holds files and the network open, which the user allowed by naming it; limits it holds as any other."""
        return "it has no `image`" if policy.resources.image else lacks_of_machine(policy.resources)

    def launch(self, cell: Cell) -> Launch:
        return Launch(cell.argv, cell.env, cell.cwd)


PLUGIN: Sandbox = NoSandbox()
