"""The timeline of a mend: what is asked counts for what it was asked for, and what goes on now is marked."""

from tars.episode.values import Probe, State, Step
from tars.ui.cli.printable import one_line
from tars.ui.cli.rust._timeline import Timeline, line_of


def test_what_is_asked_counts_for_what_it_was_asked_for() -> None:
    probe = Probe("check")
    steps = [
        (State.PROBE, 1.0, State.SENSE), (State.SENSE, 1.0, State.PROBE), (State.PROBE, 3.0, State.PROBE),
        (State.PROPOSE, 3.5, State.VALIDATE), (State.VALIDATE, 3.5, State.VALIDATE),
        (State.PROBE, 7.5, State.VALIDATE), (State.VALIDATE, 7.5, State.VALIDATE), (State.ROLLBACK, 7.5, State.PROBE),
        (State.PROBE, 8.0, State.PROBE), (State.REMEMBER, 8.0, State.REMEMBER),
    ]  # fmt: skip
    timeline = Timeline()
    for number, (state, seconds, current) in enumerate(steps):
        asked = probe if state is State.PROBE else None
        timeline.apply(Step(number, state, seconds, f"step {number}", asked))
        assert timeline.current is current, f"after step {number}"
    assert timeline.seconds[State.SENSE] == 1.0
    assert timeline.seconds[State.PROBE] == 2.5
    assert timeline.seconds[State.VALIDATE] == 4.0
    assert timeline.text(State.PROBE) == "4 probes, last: step 8"


def test_names_and_what_tools_say_make_no_lines_of_their_own() -> None:
    step = Step(1, State.SENSE, 0.5, "it cannot be checked: a\nApplied. \x1b[2Jb\u202ec")
    assert line_of(step) == "   0.50 s  sense     it cannot be checked: a Applied. b\\u202ec"
    assert one_line("new\nApplied\x07.rs") == "new\\nApplied\\x07.rs"
