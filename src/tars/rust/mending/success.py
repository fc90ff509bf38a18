"""How often the patches of each producer were right so far, in this project: what the search weighs them with."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tars.core.values import Json
from tars.episode.journal import Journalled
from tars.rust.mending.ranking import Success
from tars.store import Store

TALLY = "rust-tally"
_CAUTION = 4
"""As many tries as must be made before a producer's record counts as much as what its author thinks."""
_LIMITS = (0.2, 1.5)


def keep_tally(journal: Journalled, tried: Mapping[tuple[str, str], int], accepted: Iterable[tuple[str, str]]) -> None:
    """Appends what an episode tells: for each producer and code how many patches were tried, and how many accepted."""
    right = Counter(accepted)
    counts: list[Json] = [
        [producer, code, max(tried.get((producer, code), 0), right[producer, code]), right[producer, code]]
        for producer, code in sorted(tried.keys() | right.keys())
    ]
    if counts:
        with journal.store.transaction() as transaction:
            transaction.append(TALLY, {"counts": counts}, subject=journal.subject, run=journal.run)


def measured(store: Store) -> Success:
    """The weights by what the project's episodes found: 1.0 for what was never tried, less for what failed often."""
    tried, right = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for entry in store.entries(kind=TALLY):
        counts = entry.body.get("counts")
        for line in counts if isinstance(counts, list) else []:
            if isinstance(line, list) and len(line) == 4:
                producer, code, tries, hits = line
                tried[str(producer), str(code)] += int(str(tries))
                right[str(producer), str(code)] += int(str(hits))

    def success(producer: str, code: str) -> float:
        tries, hits = tried[producer, code], right[producer, code]
        low, high = _LIMITS
        return min(max((hits + _CAUTION * 0.5) / (tries + _CAUTION) * 2, low), high)

    return success
