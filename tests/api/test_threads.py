"""Few requests work at once, and those that only wait for something keep nobody else waiting."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from anyio.to_thread import current_default_thread_limiter, run_sync

from api.threads import AT_ONCE, mind_threads
from geocommons.store.engine import CONNECTIONS

HANGS_S = 20.0
"""A wait this long is one for ever."""


def run_minded(act: Callable[[], Awaitable[None]]) -> None:
    """Run something while somebody minds the threads, and end it where it hangs."""

    async def minded() -> None:
        minding = asyncio.create_task(mind_threads())
        await asyncio.sleep(0)
        await asyncio.wait_for(act(), HANGS_S)
        minding.cancel()

    # Not in this thread, where the browser of another test may have its loop.
    with ThreadPoolExecutor(max_workers=1) as apart:
        apart.submit(lambda: asyncio.run(minded())).result()


async def until(true: Callable[[], bool]) -> None:
    while not true():
        await asyncio.sleep(0.01)


def test_a_crowd_of_requests_gets_few_threads() -> None:
    async def ask() -> None:
        assert current_default_thread_limiter().total_tokens == AT_ONCE < CONNECTIONS

    run_minded(ask)


def test_a_request_is_answered_while_as_many_as_work_at_once_wait_for_something() -> None:
    async def ask() -> None:
        over = Event()
        waiting = [asyncio.create_task(run_sync(over.wait)) for _ in range(AT_ONCE)]
        try:
            assert await asyncio.create_task(run_sync(lambda: "an answer")) == "an answer"
        finally:
            over.set()
        await asyncio.gather(*waiting)

    run_minded(ask)


def test_however_many_wait_there_are_no_more_threads_than_connections_and_few_again_when_they_are_done() -> None:
    async def ask() -> None:
        over, limiter = Event(), current_default_thread_limiter()
        waiting = [asyncio.create_task(run_sync(over.wait)) for _ in range(CONNECTIONS + 5)]
        try:
            await until(lambda: limiter.borrowed_tokens == CONNECTIONS)
            await asyncio.sleep(0.5)
            assert limiter.borrowed_tokens == limiter.total_tokens == CONNECTIONS
        finally:
            over.set()
        await asyncio.gather(*waiting)
        await until(lambda: limiter.total_tokens == AT_ONCE)

    run_minded(ask)
