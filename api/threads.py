"""Let few threads work at once: they share one interpreter, and a crowd of them spends its time on handing it round."""

import asyncio

from anyio.to_thread import current_default_thread_limiter

from geocommons.store.engine import CONNECTIONS

AT_ONCE = 4
"""Threads that work at once. Of 20, each takes 1.2 to 1.6 times the processor time for what asks the database; 200 who
sign in at once wait an eighth longer with six or ten than with four, whether or not the database waits for its disk."""
LOOK_EVERY_S = 0.1


async def mind_threads() -> None:
    """Let so many requests work at once, for ever, and one more for each that takes long.

    Whoever is still at it at the next look mostly waits: for another writer, for a disk, for a great question to the
    database. Nobody else waits for them; but with all connections in use, more could only wait for each other.
    """
    limiter = current_default_thread_limiter()
    before: frozenset[object] = frozenset()
    while True:
        at_work = frozenset(limiter.statistics().borrowers)
        limiter.total_tokens = min(CONNECTIONS, AT_ONCE + len(at_work & before))
        before = at_work
        await asyncio.sleep(LOOK_EVERY_S)
