"""The frozen values of the store: files in a tree, entries of the journal, and what a version records of a module."""

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from ducktools.classbuilder.prefab import Prefab, attribute

from tars.core.values import Digest, Json


class Leaf(NamedTuple):
    """One file of a tree: the digest of its content, whether it may be executed, and its size in bytes."""

    digest: Digest
    executable: bool
    size: int


Tree: TypeAlias = Mapping[str, Leaf]
"""Files by their path relative to the tree's root, with `/` between the parts. Folders are implied."""


class Entry(NamedTuple):
    """One line of the journal.

    `number` counts from 1 without gaps and is the only order; `time` is what the clock said, in seconds since 1970,
    and may go backwards from one entry to the next. `digest` covers the entry and, through its predecessor's
    digest, everything before it.
    """

    number: int
    time: float
    kind: str
    subject: str
    key: str
    run: str
    body: Mapping[str, Json]
    digest: Digest


class ModuleState(Prefab, frozen=True):
    """A module as one version holds it. `source`, `artifact` and `outputs` are digests of trees, `artifact` is empty
    where nothing is built; paths in `source` and `outputs` are relative to the project. `key` is the content key of
    the run that made it."""

    name: str
    language: str
    address: str
    source: Digest
    artifact: Digest
    outputs: Digest
    declaration: Mapping[str, Json] = attribute(default_factory=dict)
    key: str = ""
    metrics: Mapping[str, Json] = attribute(default_factory=dict)


class Version(Prefab, frozen=True):
    """One number on the project's line of versions, and the names of the modules that it changed."""

    number: int
    time: float
    modules: tuple[str, ...]
    run: str
    reason: str
    pruned: bool = False
