"""Values, errors, plug-ins and the outside world: what every layer above speaks in."""
