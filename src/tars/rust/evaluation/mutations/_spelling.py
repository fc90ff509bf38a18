"""How names are misspelt."""


def misspelt(name: str, seed: int) -> str:
    """The name with a slip of the fingers: two letters swapped, one left out or doubled, or, of a type, a hump lost.
    Never the name itself, and the same for the same seed."""
    at = 1 + seed % (len(name) - 2)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    dropped = name[:at] + name[at + 1 :]
    doubled = name[:at] + name[at] + name[at:]
    flat = name[0] + name[1:].lower()
    found = [one for one in (swapped, dropped, doubled, flat) if one != name]
    return found[seed // 7 % len(found)]
