"""Build the wheel, install it into an empty environment, and let it serve one page and one tile."""

import os
import sys
import tempfile
import zipfile
from pathlib import Path

from scripts.install import ROOT
from scripts.progress import StepFailed, run_step

MUST_HOLD = ("api/static/main.js", "api/static/main.css", "geocommons/sample/", "geocommons/store/migrations/")


def main() -> int:
    """Return 0 if the wheel works away from the repository."""
    try:
        with tempfile.TemporaryDirectory(prefix="geocommons-wheel-") as folder:
            wheel = build_wheel(Path(folder) / "dist")
            python = install_wheel(wheel, Path(folder) / "venv")
            serve_once(python, Path(folder) / "elsewhere")
    except StepFailed as failure:
        print(f"\nThe wheel does not work. {failure}", file=sys.stderr)
        return 1
    return 0


def build_wheel(folder: Path) -> Path:
    """Build the wheel and check that it carries what a user without Node and without the repository needs."""
    run_step("Building the wheel", [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder, ROOT])
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    missing = [wanted for wanted in MUST_HOLD if not any(name.startswith(wanted) for name in names)]
    if missing:
        raise StepFailed(f"{wheel.name} lacks {', '.join(missing)}.")
    print(f"  {wheel.name}: {len(names)} files, {wheel.stat().st_size / 1e6:.1f} MB")
    return wheel


def install_wheel(wheel: Path, venv: Path) -> Path:
    """Return the Python of a new environment that holds the locked packages and the wheel, nothing else."""
    run_step("Making an empty environment", [sys.executable, "-m", "venv", "--without-pip", venv])
    python = venv / "bin" / "python"
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]
    pip += ["--progress-bar", "off", "--no-compile", "--no-deps"]
    run_step("Installing the locked packages", [*pip, "--require-hashes", "-r", ROOT / "requirements.lock"])
    run_step("Installing the wheel", [*pip, wheel])
    return python


def serve_once(python: Path, elsewhere: Path) -> None:
    """Run the demo's own check in a folder that has nothing of the repository."""
    elsewhere.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GEOCOMMONS_", "PYTHON"))}
    environment["PATH"] = f"{python.parent}{os.pathsep}/usr/bin{os.pathsep}/bin"
    run_step("Serving a page and a tile", ["geocommons", "demo", "--check"], cwd=elsewhere, env=environment)


if __name__ == "__main__":
    sys.exit(main())
