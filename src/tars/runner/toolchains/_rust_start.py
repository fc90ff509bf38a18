"""The generated `main` that calls one public function of an agent's Rust crate."""

import os
import re

from tars.core.values import Span
from tars.runner.building.expand import SHIMS
from tars.runner.building.sources import refused
from tars.runner.toolchains._rust_source import function
from tars.runner.values import Source

_TAKEN = {"&str": "&str", "&[u8]": "&[u8]", "String": "String", "Vec<u8>": "Vec<u8>", "std::vec::Vec<u8>": "Vec<u8>"}
_RESULT = re.compile(r"(?:\w+\s*::\s*)*Result\b")


def start_of(source: Source, path: str, name: str) -> bytes:
    """The text of the `main` for the function `name` in the file `path`, whose crate it calls `agent`.

    Raises `InputError` where there is no such function, or it takes what TARS cannot hand over.
    """
    text = source.files[path].decode("utf-8", "replace")
    last = name.rpartition("::")[2]
    found = function(text, last)
    if found is None:
        hint = "give it a `fn main`, or let `entry_point` name a `pub fn` that is in it"
        raise refused(source, f"`{path}` has no function `{last}`", hint)
    span = Span(path, found.start, found.end)
    if not found.public:
        raise refused(source, f"`{last}` in `{path}` is not public", f"write `pub fn {last}`", span)
    if found.is_async:
        raise refused(source, f"`{last}` in `{path}` is async", "start its runtime in a plain `pub fn`", span)
    argument = ""
    if found.takes:
        kind = re.sub(r"\s+|'\w+\s*", "", found.takes[0])
        if len(found.takes) > 1 or kind not in _TAKEN:
            taken = ", ".join(found.takes)
            hint = "an entry point takes nothing, or one &str, String, &[u8] or Vec<u8>"
            raise refused(source, f"`{last}` in `{path}` takes ({taken}), which cannot be handed over", hint, span)
        argument = f"<{_TAKEN[kind]} as Taken>::taken(&input())"
    call = f"agent::{name}({argument})"
    if _RESULT.match(found.gives):
        call = (
            f"match {call} {{\n        Ok(value) => deliver(value),\n"
            "        Err(error) => stop(&(&Failure(error)).text()),\n    }"
        )
    else:
        call = f"deliver({call})"
    with open(os.path.join(SHIMS, "rust_start.rs"), encoding="utf-8") as file:
        return file.read().replace("@CALL@", call).encode()
