"""How wide the columns of a table are, on paper and at the shell."""

from collections.abc import Callable, Sequence

HALVINGS = 30


def column_widths(least: Sequence[float], whole: Sequence[float], room: float) -> list[float]:
    """Return a width for each column, in the unit of `room`: all are as wide as they would be, if that fits.

    `least` is what a column needs so that no word of it is broken, `whole` (at least that) what it takes to set each
    cell on one line. Where there is less room, columns have the same part of their whole, so that all take as many
    lines, but never less than their least; where not even that fits, each gives way alike.
    """
    if sum(whole) <= room:
        return list(whole)
    if sum(least) >= room:
        return [one * room / sum(least) for one in least]
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        part = (low + high) / 2
        low, high = (part, high) if sum(_widths(least, whole, part)) <= room else (low, part)
    return _widths(least, whole, low)


def in_two_lines(head: str, width_of: Callable[[str], float]) -> float:
    """Return how wide a head is that is broken once, where that makes it narrowest; one word stays whole."""
    parts = head.split()
    broken = [(" ".join(parts[:at]), " ".join(parts[at:])) for at in range(1, len(parts))] or [(head, "")]
    return min(max(map(width_of, lines)) for lines in broken)


def _widths(least: Sequence[float], whole: Sequence[float], part: float) -> list[float]:
    return [max(one, part * line) for one, line in zip(least, whole, strict=True)]
