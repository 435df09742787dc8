"""Compiled kernels: how they are made, where they are kept, and when a question is large enough to use them."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

LOAD_S = 0.4
"""What a process pays to import numba (0.2 s) and load a kernel that an earlier one compiled (processor time)."""
COMPILE_S = 5.0
"""What it pays to compile one: 4 s for the nearest site, 6 s for all pairs (processor time)."""


def kernel(function: Callable[P, T]) -> Callable[P, T]:
    """Return a function compiled at its first call for each kind of arguments; other threads run while it works.

    Compiled code is kept where numba finds a folder that can be written: `NUMBA_CACHE_DIR`, `__pycache__` beside the
    source, the user's cache. Where there is none (a wheel installed by root, run by a user without a home) numba
    refuses to decorate; the function is then compiled for this process only.
    """
    from numba import njit

    try:
        compiled: Callable[P, T] = njit(cache=True, nogil=True, forceinline=True)(function)
    except RuntimeError:
        compiled = njit(nogil=True)(function)
    return compiled


def pays(module: str, name: str, plain_s: float) -> bool:
    """Return whether kernel `name` of a module beats a plain computation that takes about `plain_s` seconds.

    It does once it is in memory, and where the plain one takes longer than loading it, or compiling it if no earlier
    process has. It is asked before numba is imported, which alone takes longer than a small question.
    """
    if getattr(getattr(sys.modules.get(module), name, None), "signatures", None):
        return True
    return plain_s > (LOAD_S if _is_kept(module) else COMPILE_S)


def _is_kept(module: str) -> bool:
    """Return whether compiled code of a module, newer than its source, is on disk where numba looks for it."""
    source = Path(__file__).parents[2].joinpath(*module.split(".")).with_suffix(".py")
    try:
        written = source.stat().st_mtime
        indexes = [index for folder in _folders(source) for index in folder.glob(f"{source.stem}.*.nbi")]
        return any(index.stat().st_mtime >= written for index in indexes)
    except (OSError, RuntimeError):
        return False


def _folders(source: Path) -> Iterator[Path]:
    """Yield the folders in which numba may keep code of a source, without importing numba to ask."""
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    yield source.parent / "__pycache__"
    for root in (Path(chosen) if chosen else None, Path.home() / ".cache" / "numba"):
        if root is not None:
            yield from root.glob(f"{source.parent.name}_*")
