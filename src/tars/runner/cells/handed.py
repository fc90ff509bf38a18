"""What a launch hands over besides arguments and environment: a file of the user's own, a descriptor to read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ducktools.classbuilder.prefab import replace

from tars.runner.values import Launch


@contextmanager
def given(launch: Launch) -> Iterator[Launch]:
    """The launch with what it is given as a file of the user's own, which is gone afterwards."""
    if not launch.given:
        yield launch
        return
    from tempfile import NamedTemporaryFile  # slow, and few launches are given anything  # noqa: PLC0415

    with NamedTemporaryFile(prefix="tars-given-") as file:
        file.write(launch.given)
        file.flush()
        yield replace(launch, argv=tuple(word.replace("{given}", file.name) for word in launch.argv))


@contextmanager
def told(launch: Launch, argv: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """The command, which ends in the launch's own, as it is to be started now, and the descriptors that it needs."""
    if not launch.told:
        yield argv, ()
        return
    reading, writing = os.pipe()
    try:
        with open(writing, "wb") as file:
            file.write(launch.told)
        place = argv.index("{told}")  # the first one: what follows may be the command's own words
        yield (*argv[:place], str(reading), *argv[place + 1 :]), (reading,)
    finally:
        os.close(reading)
