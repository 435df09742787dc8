"""Keep what was costly to make, as long as it fits in memory."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Made values by key: the latest used stay while their sizes add up to less than a limit.

    Each is made once, however many threads ask for it at the same time; one that is larger than the limit is
    given to who asks and not kept.
    """

    def __init__(self, limit: int, size: Callable[[Value], int]) -> None:
        self._limit, self._size, self._used = limit, size, 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._coming: dict[Hashable, Future[Value]] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of a key, made now if it is not kept."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
            coming = self._coming.get(key)
            if coming is None:
                mine = self._coming[key] = Future()
        if coming is not None:
            return coming.result()
        try:
            value = make()
        except BaseException as error:
            mine.set_exception(error)
            raise
        else:
            self._keep(key, value)
            mine.set_result(value)
            return value
        finally:
            with self._lock:
                del self._coming[key]

    def _keep(self, key: Hashable, value: Value) -> None:
        size = self._size(value)
        if size > self._limit:
            return
        with self._lock:
            self._values[key] = value
            self._used += size
            while self._used > self._limit:
                _, oldest = self._values.popitem(last=False)
                self._used -= self._size(oldest)
