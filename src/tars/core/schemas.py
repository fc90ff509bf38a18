"""JSON Schemas that somebody else has written, compiled without ever fetching what they refer to."""

from typing import Any


def compiled(schema: Any) -> Any:
    """A validator of `jsonschema_rs` for the schema. Raises `ValueError` in one line for what is no schema, and for one
    that refers to anything that is not in it: nothing is fetched, from files or from the network."""
    import jsonschema_rs  # noqa: PLC0415 - a compiled library that few commands need

    try:
        return jsonschema_rs.validator_for(schema, retriever=_refused)
    except (ValueError, TypeError, LookupError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        raise ValueError(str(error).partition("\n")[0][:300]) from error


def _refused(address: str) -> Any:
    raise LookupError(f"it refers to {address}, and nothing is fetched")
