"""Show that a long command is alive, with nothing but the standard library (rich is not installed yet)."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

BAR_WIDTH = 24
TAIL_LINES = 25


class StepFailed(Exception):
    """A command of a step ended badly; its last lines are in the message."""


class Bar:
    """One line that says what is being done, how far it is, and for how many seconds.

    On a terminal the line moves; elsewhere (a log) the start and the end are printed once each.
    """

    def __init__(self, title: str, total: int = 0) -> None:
        self.title, self.total, self.done, self.detail = title, total, 0, ""
        self.started = time.monotonic()
        self.live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self.width = shutil.get_terminal_size().columns - 1
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._draw_until_stopped, daemon=True)

    def __enter__(self) -> "Bar":
        if self.live:
            self._thread.start()
        else:
            print(f"  {self.title} …", flush=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        self._stop.set()
        if self.live:
            self._thread.join()
            print("\r\033[K", end="")
        mark = "✗" if kind else "✓"
        print(f"{mark} {self.title} ({time.monotonic() - self.started:.0f} s)", flush=True)

    def _draw_until_stopped(self) -> None:
        frame = 0
        while not self._stop.wait(0.1):
            frame += 1
            print(f"\r\033[K{self._line(frame)}", end="", flush=True)

    def _line(self, frame: int) -> str:
        if self.total:
            filled = min(BAR_WIDTH, BAR_WIDTH * self.done // self.total)
            bar = "█" * filled + "░" * (BAR_WIDTH - filled)
        else:
            at = frame % (2 * BAR_WIDTH - 2)
            at = min(at, 2 * BAR_WIDTH - 2 - at)
            bar = "░" * at + "█" + "░" * (BAR_WIDTH - 1 - at)
        return f"{bar} {self.title} {time.monotonic() - self.started:.0f} s  {self.detail}"[: self.width]


def run_step(
    title: str,
    command: Sequence[str | Path],
    *,
    total: int = 0,
    counts: tuple[str, ...] = (),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> None:
    """Run a command behind one bar, or raise StepFailed with the last lines that it printed.

    With `total`, each line that starts with one of `counts` moves the bar by one.
    """
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    with Bar(title, total) as bar:
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None
        for line in process.stdout:
            tail.append(line.rstrip())
            bar.detail = line.strip()
            bar.done += bool(counts) and line.startswith(counts)
        if process.wait():
            raise StepFailed(f"{title}: the command ended with status {process.returncode}.\n" + "\n".join(tail))
