"""The worker threads of a run: tasks go in, and events come out, in the order in which they happen."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Lock, Thread, get_ident
from time import monotonic, sleep
from typing import TypeAlias

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.errors import TarsError
from tars.runner.events import Event, ModuleFinished, ModuleOutput, Notice, Options
from tars.runner.execute import Done, Emit, Place, Task, Underway, execute
from tars.runner.view import Views

WAITING_BYTES_MAX = 64 * 1024 * 1024
"""How much output may wait to be told; the main thread takes it twenty times a second."""
PIECE_BYTES = 256
"""About what a piece of output takes besides its bytes."""
_LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 0.2
"""How long a piece of output may hold up the thread that also watches its module's clock."""
_POLL_SECONDS = 0.2

News: TypeAlias = Event | Underway | BaseException
Elsewhere: TypeAlias = Callable[[Task, Place, Emit, Flag], Done]
"""How an engine executes a task; as `execute`."""


class Room(Prefab):
    """What waits to be told, in bytes. Where whoever listens takes nothing, only the first that comes waits for it."""

    taken_bytes: int = 0
    held: bool = False
    """Whether somebody has waited in vain, and nothing was taken since."""
    lock: Lock = attribute(default_factory=Lock)
    """Not a condition, which an interrupt of the main thread may leave locked for good."""

    def take(self, news: ModuleOutput, seconds_max: float) -> bool:
        """Whether there is room for the piece, perhaps after a while."""
        needed_bytes, until = len(news.data) + PIECE_BYTES, monotonic() + seconds_max
        while True:
            with self.lock:
                fits = self.taken_bytes + needed_bytes <= WAITING_BYTES_MAX
                if fits or self.held or monotonic() > until:
                    self.held = not fits
                    self.taken_bytes += needed_bytes if fits else 0
                    return fits
            sleep(_LOOK_SECONDS)

    def give_back(self, news: ModuleOutput) -> None:
        with self.lock:
            self.taken_bytes -= len(news.data) + PIECE_BYTES
            self.held = False


class Workers(Prefab):
    """Threads that each run one module at a time."""

    cancel: Flag
    tasks: "SimpleQueue[tuple[Task, Flag] | None]" = attribute(default_factory=SimpleQueue)
    own: dict[int, tuple[Task, Flag] | None] = attribute(default_factory=dict)
    """What a thread, by its number, goes on with itself: nobody need be woken for it. None where it is free."""
    inbox: "SimpleQueue[News]" = attribute(default_factory=SimpleQueue)
    room: Room = attribute(default_factory=Room)
    untold: dict[str, int] = attribute(default_factory=dict)
    """How many bytes each module has written that whoever listens is not told of."""
    threads: list[Thread] = attribute(default_factory=list)

    def give(self, task: Task, stop: Flag | None = None) -> None:
        """Has the calling thread run the task, if it is one of these and free, or another one. `stop` ends this task
        alone; it is set as well where the run is cancelled."""
        given = (task, stop or self.cancel)
        if self.own.get(get_ident(), given) is None:
            self.own[get_ident()] = given
        else:
            self.tasks.put(given)

    def pass_on(self) -> None:
        """Has another thread run what the calling one was to go on with, where that still has other things to do."""
        given = self.own.get(get_ident())
        if given is not None:
            self.own[get_ident()] = None
            self.tasks.put(given)

    def tell(self, news: News) -> None:
        """Never waits for long: output that there is no room for is left out here. What is recorded of it is whole."""
        match news:
            case ModuleOutput() if not self.room.take(news, 0 if self.cancel.is_set() else PATIENCE_SECONDS):
                self.untold[news.address] = self.untold.get(news.address, 0) + len(news.data)
                return
            case ModuleFinished() if news.address in self.untold:
                missed = f"{self.untold.pop(news.address):,} bytes that {news.address} wrote are not shown"
                name = news.address.partition(".")[2]
                self.inbox.put(
                    Notice(f"{missed}: nobody had taken what came before", f"`tarscli logs {name}` shows more")
                )
        self.inbox.put(news)

    def news(self) -> Iterator[News]:
        """What was told and not yet taken, without waiting for more; an exception is one that a thread died of."""
        with suppress(Empty):
            while True:
                news = self.inbox.get_nowait()
                if isinstance(news, ModuleOutput):
                    self.room.give_back(news)
                yield news

    def end(self) -> None:
        """Waits until all tasks that were begun are done, and what came of them is settled."""
        for _ in self.threads:
            self.tasks.put(None)
        for thread in self.threads:
            while thread.is_alive():
                thread.join(_POLL_SECONDS)  # with a limit: Windows hears no Ctrl-C while a thread waits without one


def start_workers(
    jobs: int,
    place: Place,
    top: tuple[str, ...],
    cancel: Flag,
    ended: Callable[[Done], None],
    elsewhere: Elsewhere | None = None,
) -> Workers:
    """`jobs` threads; `top` are the names in the project's root, which each view links to. With `elsewhere` they only
    wait for what an engine does. Each calls `ended` with what came of a task before it takes another.

    The calling thread, these threads and whatever they start are scheduled as batch work from then on.
    """
    _schedule_as_batch()
    workers = Workers(cancel)

    def work_off() -> None:
        me = get_ident()
        views = Views(f"{place.scratch}/{me}", str(place.project), top)
        while (given := workers.own.pop(me, None) or workers.tasks.get()) is not None:
            task, stop = given
            if elsewhere is not None:
                done = elsewhere(task, place, workers.tell, stop)
            else:
                done = execute(task, place, views, workers.tell, stop)
            workers.own[me] = None
            ended(done)

    def work() -> None:
        try:
            work_off()
        except BaseException as error:
            workers.tell(error)  # else the run would wait for this thread for ever

    for _ in range(jobs):
        thread = Thread(target=work, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the system allows no more of them: so many then
            if not workers.threads:
                raise TarsError("the system allows no further thread", hint="see `ulimit -u`") from error
            break
        workers.threads.append(thread)
    return workers


def _schedule_as_batch() -> None:
    """Has Linux let this thread, and what it starts, finish its turn when another of them wakes up: else each agent
    that is started may interrupt a thread that all others wait for. What the user has chosen (`chrt`) stays."""
    with suppress(AttributeError, OSError):
        if os.sched_getscheduler(0) == os.SCHED_OTHER:
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def where_to_work(options: Options) -> tuple[Elsewhere | None, int, list[Event]]:
    """How modules are executed where that is not in this process, how many at once, and what to know of it."""
    if options.engine == "local":
        return None, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, []
    from tars.runner.engine import ENGINES  # noqa: PLC0415 - most runs have no other engine, and need not find any

    engine = ENGINES.load(options.engine)
    cores, told = engine.connect()
    return engine.execute, cores, told
