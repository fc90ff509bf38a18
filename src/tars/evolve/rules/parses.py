"""E0102: a source has to be one of its language, in each file that changes."""

from collections.abc import Iterator

from tars.evolve.operator import SOURCES
from tars.evolve.rule import Change, Rule
from tars.evolve.sources.files import files_in
from tars.evolve.sources.languages import fault_in, language_of


class Parses:
    code = "E0102"
    languages = SOURCES

    def check(self, change: Change) -> Iterator[str]:
        before = files_in(change.before)
        for file, text in files_in(change.after).items():
            language = language_of(file, change.language)
            if fault := fault_in(text, language) if text != before.get(file) else "":
                yield f"{f'`{file}`' if file else 'it'} is no {language}: {fault}"


PLUGIN: Rule = Parses()
