"""What was made of context once and serves again: the network of some streets, people on it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar

Made = TypeVar("Made")
MOST = 8
"""Networks of a few cities, not of every version that streets ever had."""


class Prepared:
    """The last few things that were made, by what they were made from; a scenario then computes only what changed."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._made, self._lock = most, OrderedDict[Hashable, object](), Lock()

    def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """Return what was made under a key, or make it; keys must name everything that it is made from."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]  # type: ignore[return-value]
        made = make()
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made
