"""Mutants: every kind of mutation on its own sample, and seeded mutants that are proven broken."""

import pytest

from tars.rust.mutation import MUTATIONS, Ground
from tars.rust.rustc import LoneCrate
from tars.rust.source import SourceFile


@pytest.mark.parametrize("kind", MUTATIONS.names())
def test_a_mutation_breaks_its_sample(kind: str) -> None:
    mutation = MUTATIONS.load(kind)
    file = SourceFile("main.rs", mutation.before.encode())
    mutants = [file.changed(changes).data.decode() for changes in mutation.propose(Ground(file))]
    assert mutation.after in mutants, mutants
    assert mutation.before not in mutants
    with LoneCrate("main.rs") as crate:
        assert crate.check({"main.rs": mutation.before.encode()}).ok
        assert not crate.check({"main.rs": mutation.after.encode()}).ok
