"""Two threads beside an import: one reads and checks batches to come, one waits for the server to write the last.

They pay where the user waits for another process. SQLite runs in this one, and asks for the interpreter's lock back
at each row, so there everything is done in its turn.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.orm import Session

AHEAD = 2
"""With one, who makes batches and who uses them would wait for each other at each."""
Item = TypeVar("Item")


def made_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield items, the next few made in a thread of its own while one is in use."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        coming = deque(worker.submit(next, items, None) for _ in range(AHEAD))
        while (item := coming.popleft().result()) is not None:
            coming.append(worker.submit(next, items, None))
            yield item


class Desk:
    """The session of an import, which somebody may be writing in: who asks for it waits until that is done."""

    def __init__(self, session: Session, worker: ThreadPoolExecutor | None) -> None:
        self._session, self._worker = session, worker
        self.dialect_name = session.get_bind().dialect.name
        self._writing: Future[None] | None = None

    @property
    def session(self) -> Session:
        """The session, when nobody writes in it."""
        if self._writing is not None:
            self._writing.result()
        return self._session

    def write(self, act: Callable[[Session], None]) -> None:
        """Write something that nobody needs to wait for; what goes wrong is raised to who asks for the session next."""
        session = self.session
        if self._worker is None:
            act(session)
        else:
            self._writing = self._worker.submit(act, session)


@contextmanager
def open_desk(session: Session, *, aside: bool) -> Iterator[Desk]:
    """Give a desk whose writes run in a thread aside; at the end nobody writes any more."""
    if not aside:
        yield Desk(session, None)
        return
    with ThreadPoolExecutor(max_workers=1) as worker:
        yield Desk(session, worker)
