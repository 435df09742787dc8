"""Bring a missing program from Debian's packages, where apt and root are at hand."""

import os
import shutil
import sys
from collections.abc import Sequence

from scripts.progress import StepFailed, run_step

_updated = False


def can_install() -> bool:
    """Tell whether this process may install Debian packages."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("apt-get") is not None


def update() -> None:
    """Fetch the package lists, once a process; old lists are better than none."""
    global _updated
    if not _updated:
        _updated = True
        try:
            run_step("Fetching Debian's package lists", ["apt-get", "update", "-q"], env=_environment())
        except StepFailed as failure:
            print(failure, file=sys.stderr)


def install(packages: Sequence[str]) -> None:
    """Install Debian packages without a question, or raise StepFailed."""
    update()
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    run_step(f"Installing {', '.join(packages)} from Debian's packages", command, env=_environment())


def _environment() -> dict[str, str]:
    return {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
