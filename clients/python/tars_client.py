"""How an agent in Python talks to TARS: its input, its output, what is known, and what it has to report.

One file without dependencies, for Python 3.8 and newer. `tarscli client python` puts it into a project. Everything
works outside of TARS too: the input is then the file that the first argument names, or standard input; the output goes
to standard output, logs to standard error, and reports to nobody.

What is wrong with what you say (a metric that is no number, a value that JSON cannot hold) is a `ValueError`. A report
that cannot be delivered never fails the agent: it is told once on standard error.
"""

import json
import math
import os
import sys
import threading

__version__ = "1.0.0"
_ID_MAX = 200
_RELATIONS = ("evidence", "supports", "contradicts", "refines", "derived_from")
_lock = threading.Lock()
_events = {"path": None, "descriptor": -1}


def input(default=None):
    """The first input, read as JSON; `default` where there is none. Raises `ValueError` where it is not JSON."""
    data = input_bytes()
    return default if data is None else _parsed(data, "the input")


def input_text(default=None):
    """The first input as text in UTF-8; `default` where there is none. Raises `ValueError` where it is not UTF-8."""
    data = input_bytes()
    if data is None:
        return default
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"tars: the input is not text in UTF-8: {error}") from None


def input_bytes():
    """The first input's bytes, or None where there is none. Raises `OSError` where its file cannot be read."""
    if "TARS_INPUT_DATA" in os.environ:
        return os.fsencode(os.environ["TARS_INPUT_DATA"])
    paths = input_paths()
    if not paths and "TARS_MODULE" not in os.environ and len(sys.argv) > 1 and os.path.isfile(sys.argv[1]):
        paths = [sys.argv[1]]
    if paths:
        with open(paths[0], "rb") as file:
            return file.read()
    if sys.stdin is None or sys.stdin.isatty():
        return None
    return sys.stdin.buffer.read() or None


def input_paths():
    """The paths of all inputs, files and folders; empty where there are none."""
    return _paths("TARS_INPUTS", "TARS_INPUT")


def output(value, index=0):
    """Writes the value as JSON to the output of that number; where none is declared, to standard output."""
    text = _json(value, "the output", indent=2) + "\n"
    output_bytes(text.encode("utf-8"), index)


def output_text(text, index=0):
    """Writes the text in UTF-8 to the output of that number."""
    output_bytes(_well_formed(text).encode("utf-8"), index)


def output_bytes(data, index=0):
    """Writes the bytes to the output of that number. Raises `ValueError` where the module declares fewer outputs."""
    paths = output_paths()
    if index < 0 or (index >= len(paths) and index > 0):
        raise ValueError(f"tars: there is no output number {index}; the module declares {len(paths)}")
    if not paths:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    folder = os.path.dirname(paths[index])
    if folder:
        os.makedirs(folder, exist_ok=True)
    with open(paths[index], "wb") as file:
        file.write(data)


def output_paths():
    """The paths to write the declared outputs to; empty where none is declared."""
    return _paths("TARS_OUTPUTS", "TARS_OUTPUT")


def memory():
    """What the metascript says is known: a list of dicts with `type`, `labels` and `blocks`; empty outside of TARS."""
    path = os.environ.get("TARS_MEMORY")
    if not path:
        return []
    with open(path, "rb") as file:
        return _parsed(file.read(), "the memory")


def belief(id, statement, confidence, **relations):
    """Reports a belief under a name of your choice, held with a confidence of more than 0 and less than 1.

    `relations` are `evidence` and the names of beliefs that this one `supports`, `contradicts`, `refines` or is
    `derived_from`: each a text or several.
    """
    if (
        not isinstance(id, str)
        or not 0 < len(id) <= _ID_MAX
        or any(each.isspace() or each <= " " or each == "\x7f" for each in id)
    ):
        raise ValueError("tars: the name of a belief is a text of 1 to 200 characters without blanks")
    _check_confidence(confidence)
    said = {"id": id, "statement": statement, "confidence": confidence}
    for name, given in relations.items():
        if name not in _RELATIONS:
            raise ValueError(f"tars: a belief has no {name}; there are {', '.join(_RELATIONS)}")
        if given:
            said[name] = _listed(given)
    _report("belief", said)


def reflection(summary, confidence=None, about=()):
    """Reports what the agent concluded, with a confidence between 0 and 1 and what it is about, where you know them."""
    said = {"summary": summary}
    if confidence is not None:
        _check_confidence(confidence)
        said["confidence"] = confidence
    if about:
        said["about"] = _listed(about)
    _report("reflection", said)


def metric(name, value):
    """Reports a number under a name; the last one of a name counts."""
    if not isinstance(name, str) or not name:
        raise ValueError("tars: the name of a metric is a text")
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"tars: the metric {name} must be a number, not {type(value).__name__}")
    _report("metric", {name: value})


def progress(fraction):
    """Reports how much is done, from 0 to 1; what lies outside counts as the nearer end."""
    fraction = _plain(fraction)
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float)) or math.isnan(fraction):
        raise ValueError("tars: the progress must be a number")
    _report("progress", min(1, max(0, fraction)))


def log(message):
    """Reports a line for people; outside of TARS it is written to standard error."""
    if not isinstance(message, str):
        raise ValueError("tars: a log message is a text")
    if not os.environ.get("TARS_EVENTS") and sys.stderr is not None:
        print(_well_formed(message), file=sys.stderr)
    _report("log", message)


def _report(kind, value):
    line = _json({kind: value}, "the " + kind) + "\n"
    path = os.environ.get("TARS_EVENTS")
    if not path:
        return
    with _lock:
        try:
            if _events["path"] != path:
                _events["descriptor"] = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
                _events["path"] = path
            rest = memoryview(line.encode("utf-8"))
            while rest and _events["descriptor"] >= 0:
                rest = rest[os.write(_events["descriptor"], rest) :]
        except OSError as error:
            _events.update(path=path, descriptor=-1)
            if sys.stderr is not None:
                print(f"tars: reports are no longer delivered: {error.strerror}", file=sys.stderr)


def _json(value, what, indent=None):
    """One line of JSON, or several where `indent` is given. Raises `ValueError` for what JSON cannot hold."""
    separators = (",", ": ") if indent else (",", ":")
    try:
        text = json.dumps(
            value, ensure_ascii=False, allow_nan=False, separators=separators, indent=indent, default=_default
        )
    except (TypeError, ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ValueError(f"tars: {what} cannot be written as JSON: {reason}") from None
    return _well_formed(text)


def _plain(value):
    """A number of numpy, torch and the like as Python's own."""
    return value.item() if hasattr(value, "item") else value


def _default(value):
    """Arrays, and what `tarscli stubs` writes: enumerations, and data classes without what may be missing and is."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(type(value), "__members__"):
        return value.value
    if hasattr(type(value), "__dataclass_fields__"):
        fields = [(field, getattr(value, field.name)) for field in type(value).__dataclass_fields__.values()]
        return {
            field.metadata.get("name", field.name): content
            for field, content in fields
            if content is not None or field.default is not None or field.metadata.get("required")
        }
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _well_formed(text):
    """Halves of surrogate pairs, which no encoding of Unicode holds, become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _parsed(data, what):
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError("tars: {} is not JSON: {}".format(what, error or "nested too deeply")) from None


def _refuse(word):
    raise ValueError(f"{word} is no JSON number")


def _paths(several, one):
    listed = os.environ.get(several)
    if listed:
        return list(json.loads(listed))
    return [os.environ[one]] if os.environ.get(one) else []


def _check_confidence(confidence):
    number = _plain(confidence)
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 < number < 1:
        raise ValueError(f"tars: a confidence is more than 0 and less than 1, not {confidence!r}")


def _listed(given):
    return [given] if isinstance(given, str) else list(given)
