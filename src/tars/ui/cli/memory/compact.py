"""Show which memories a policy would let go, or with --apply let them go; never silently.

Without a policy it is `--same`: of texts that say the same, all but the newest. Memories with `keep` in their metadata
stay. The journal keeps what was said, the policy, and the reason for each.
"""

import argparse
import time

from tars.core.errors import UsageError
from tars.core.values import Json
from tars.memory.recall.compaction import Policy, carry_out, plan
from tars.ui.cli.console import Console
from tars.ui.cli.memory._recalled import oneline, opened_index

EXAMPLES = (
    ("tarscli memory compact", "what says the same as something newer; changes nothing"),
    ("tarscli memory compact --days 90 --summarise topic --apply", "old ones go, and leave a summary for each topic"),
)
SAME = 0.98


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--same", type=float, nargs="?", const=SAME, metavar="C",
        help=f"drop what a newer memory with the same metadata says as well; cosine of at least C, default {SAME}",
    )  # fmt: skip
    parser.add_argument("--days", type=float, metavar="N", help="drop what is older")
    parser.add_argument("--newest", type=int, metavar="N", help="keep so many")
    parser.add_argument(
        "--summarise", default="", metavar="KEY", help="leave a summary for each value of this metadata key"
    )
    parser.add_argument("--apply", action="store_true", help="do it; otherwise it is only shown")


def run(arguments: argparse.Namespace, console: Console) -> int:
    bounds = ((arguments.days, "--days"), (arguments.newest, "--newest"))
    for value, option in bounds:
        if value is not None and not value >= 0:
            raise UsageError(f"{option} {value} is less than nothing")
    if arguments.same is not None and not 0 < arguments.same <= 1:
        raise UsageError(f"--same {arguments.same:g} is no cosine", hint="more than 0, at most 1")
    same = SAME if arguments.same is None and arguments.days is None and arguments.newest is None else arguments.same
    policy = Policy(same, arguments.days, arguments.newest, arguments.summarise)
    with opened_index(arguments, console, reading=not arguments.apply) as index:
        planned = plan(index, policy, time.time())
        if arguments.apply:
            carry_out(index, planned)
    gone: dict[str, Json] = dict(planned.gone)
    summaries: list[Json] = [{"id": one.id, "text": one.text} for one in planned.summaries]
    console.answer(
        {"policy": policy.as_json(), "gone": gone, "summaries": summaries, "kept": planned.kept,
         "applied": arguments.apply}
    )  # fmt: skip
    for id, reason in planned.gone.items():
        console.write(f"{oneline(id)}  {oneline(reason)}")
    for one in planned.summaries:
        console.write(f"+ {oneline(one.id)}  {oneline(one.text)}")
    went = "went" if arguments.apply else "would go; `--apply` lets them go"
    stay = "1 memory stays" if planned.kept == 1 else f"{planned.kept:,} memories stay"
    console.note(f"{stay}, {len(gone):,} {went}")
    return 0
