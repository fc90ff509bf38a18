"""How a tour is begun."""

from .plane import far

BEGIN = "given"  # tars: "given" | "sorted" | "nearest"


def begun(cities):
    places = list(range(len(cities)))
    if BEGIN == "sorted":
        return sorted(places, key=lambda place: cities[place])
    if BEGIN == "given":
        return places
    tour = [places.pop()]
    while places:
        places.sort(key=lambda place: far(cities[tour[-1]], cities[place]))
        tour.append(places.pop(0))
    return tour
