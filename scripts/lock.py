"""Write the lock files: versions and hashes for every platform, and no download address."""

import sys
from pathlib import Path

from scripts.progress import StepFailed, run_step

ROOT = Path(__file__).resolve().parent.parent
COMPILE = ("pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--upgrade")
# The developers' lock is held to the versions of the users' one, so that tests run on what users get.
LOCKS = {
    "requirements.lock": ("pyproject.toml", "--group", "build"),
    "requirements-dev.lock": ("pyproject.toml", "--group", "build", "--group", "dev", "-c", "requirements.lock"),
    "requirements-node.lock": ("--group", "node"),
}


def main() -> int:
    """Compile each lock file again from pyproject.toml."""
    uv = Path(sys.executable).parent / "uv"
    try:
        for name, sources in LOCKS.items():
            run_step(f"Locking {name}", [uv, *COMPILE, *sources, "-q", "-o", name], cwd=ROOT)
    except StepFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
