"""Make all that `make demo` and `make test` stand on: `.venv`, the locked packages, the browser code.

Runs on a bare Python >= 3.11. Each step leaves a stamp (a hash of what it was made from), so a second
run does nothing and takes a moment.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts import apt
from scripts.progress import StepFailed, run_step

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".geocommons.json"
WEB = ROOT / "api" / "web"
STATIC = ROOT / "api" / "static"
PIP_WHEELS = "usr/share/python-wheels"
BUNDLED_NODE = VENV / "node"
PACKAGES = ("geocommons", "api", "layers")
PIP: list[str | Path] = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]


def main() -> int:
    """Install what is missing; say one clear sentence and return 1 if that cannot be done."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--dev", action="store_true", help="with the developers' tools")
    parser.add_argument("--static", action="store_true", help="only build the browser code")
    wanted = parser.parse_args()
    try:
        with alone():
            make_venv()
            if not wanted.static:
                install_packages("requirements-dev.lock" if wanted.dev else "requirements.lock")
                install_project()
                compile_project()
            build_static()
    except StepFailed as failure:
        print(f"\nInstallation stopped. {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


@contextmanager
def alone() -> Iterator[None]:
    """Let one program at a time install into this folder; another waits, and says so."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Something else is installing into this folder. Waiting for it …", flush=True)
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


# --- stamps ---------------------------------------------------------------------------------------------------


def digest(paths: Iterable[Path]) -> str:
    """Return one hash of the names and contents of files."""
    found = hashlib.sha256()
    for path in sorted(paths):
        found.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def read_stamps() -> dict[str, str]:
    """Return what was installed into `.venv`: the hash of each source, by name."""
    return dict(json.loads(STAMPS.read_text())) if STAMPS.exists() else {}


def write_stamps(**stamps: str) -> None:
    """Remember what was installed."""
    STAMPS.write_text(json.dumps(read_stamps() | stamps, indent=2))


# --- Python ---------------------------------------------------------------------------------------------------


def make_venv() -> None:
    """Make `.venv` with pip in it, by the first way that works on this machine."""
    if _succeeds(PYTHON, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"):
        if not STAMPS.exists() and not _succeeds(PYTHON, "-m", "pip", "--version"):
            _put_pip_into_venv()
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if not _has_ensurepip() and apt.can_install():
        apt.install([f"python3.{sys.version_info.minor}-venv"])
    if _has_ensurepip():
        run_step("Making .venv", [sys.executable, "-m", "venv", VENV])
    else:
        run_step("Making .venv", [sys.executable, "-m", "venv", "--without-pip", VENV])
        _put_pip_into_venv()


def _has_ensurepip() -> bool:
    return _succeeds(sys.executable, "-c", "import ensurepip, venv")


def _put_pip_into_venv() -> None:
    """Find a pip for a `.venv` that has none: Python's own, the machine's, uv, or Debian's wheel of it."""
    ways: list[tuple[list[str | Path], bool]] = [
        ([PYTHON, "-m", "ensurepip"], _succeeds(PYTHON, "-c", "import ensurepip")),
        ([sys.executable, "-m", "pip", "--python", PYTHON, "install", "pip"], _succeeds(sys.executable, "-m", "pip")),
        (["uv", "pip", "install", "--python", PYTHON, "pip"], shutil.which("uv") is not None),
    ]
    for command, possible in ways:
        if possible:
            run_step("Putting pip into .venv", command)
            return
    if not _unpack_debian_pip():
        raise StepFailed(
            "This Python cannot make a virtual environment with pip, because its 'venv' part is missing. "
            "On Debian and Ubuntu: sudo apt install python3-venv. Then run make again."
        )


def _unpack_debian_pip() -> bool:
    """Fetch Debian's wheel of pip, which takes no root, and install it with itself."""
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        return False
    folder = VENV / "debian"
    folder.mkdir(exist_ok=True)
    try:
        run_step("Fetching pip from Debian's packages", ["apt-get", "download", "python3-pip-whl"], cwd=folder)
        run_step("Unpacking pip", ["dpkg-deb", "-x", next(folder.glob("*.deb")), folder])
        wheel = next((folder / PIP_WHEELS).glob("pip-*.whl"))
        run_step("Putting pip into .venv", [PYTHON, wheel / "pip", "install", "--no-index", wheel])
    except (StepFailed, StopIteration):
        return False
    return True


def install_packages(lock_name: str) -> None:
    """Install a lock file's packages into `.venv`, each checked against its hash."""
    lock = ROOT / lock_name
    stamp = digest([lock])
    if read_stamps().get(lock_name) == stamp:
        return
    _pip_install(lock, f"Installing the packages of {lock_name}")
    # The developers' lock holds every line of the users' one, at the same versions.
    write_stamps(**{lock_name: stamp, "requirements.lock": digest([ROOT / "requirements.lock"])})


def _pip_install(lock: Path, title: str, python: Path = PYTHON) -> None:
    pins = len(re.findall(r"^[A-Za-z0-9]\S*==", lock.read_text(), flags=re.MULTILINE))
    command = [*PIP, "--progress-bar", "off", "--require-hashes", "--no-deps", "-r", lock]
    command[3:3] = ["--python", python]
    counts = ("Collecting ", "Ignoring ", "Requirement already satisfied")
    run_step(f"{title} ({pins})", command, total=pins, counts=counts)


def install_project() -> None:
    """Install GeoCommons itself, so that an edited source file is what runs."""
    stamp = digest([ROOT / "pyproject.toml"])
    if read_stamps().get("project") == stamp and (VENV / "bin" / "geocommons").exists():
        return
    run_step("Installing GeoCommons", [*PIP, "--no-deps", "--no-build-isolation", "--editable", ROOT])
    write_stamps(project=stamp)


def compile_project() -> None:
    """Compile GeoCommons itself: where Python may not write bytecode, every start would compile it all again."""
    stamp = digest(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
    if read_stamps().get("bytecode") != stamp:
        run_step("Compiling GeoCommons", [PYTHON, "-m", "compileall", "-q", *(ROOT / name for name in PACKAGES)])
        write_stamps(bytecode=stamp)


# --- browser code ---------------------------------------------------------------------------------------------


def build_static() -> None:
    """Build `api/static` from `api/web` where a source changed since the last build."""
    if not (WEB / "package.json").exists():
        return
    stamp, built = digest(_web_sources()), STATIC / ".built"
    if built.exists() and built.read_text() == stamp:
        return
    environment = node_environment()
    install_node_packages(environment)
    run_step("Building the browser code", ["npm", "run", "--silent", "build"], cwd=WEB, env=environment)
    built.write_text(stamp)


def install_node_packages(environment: dict[str, str]) -> None:
    """Install what `package-lock.json` names into `api/web/node_modules`."""
    lock, installed = WEB / "package-lock.json", WEB / "node_modules" / ".geocommons"
    stamp = digest([lock])
    if not (installed.exists() and installed.read_text() == stamp):
        command = ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"]
        run_step("Installing the browser packages", command, cwd=WEB, env=environment)
        installed.write_text(stamp)


def _web_sources() -> list[Path]:
    """Return every file under `api/web` that a build can depend on."""
    return [path for path in WEB.rglob("*") if path.is_file() and "node_modules" not in path.parts]


def node_environment() -> dict[str, str]:
    """Return an environment whose PATH has a Node that Vite runs on: the machine's, or one from PyPI."""
    if _node_is_new_enough():
        return dict(os.environ)
    if not (BUNDLED_NODE / "bin" / "npm").exists():
        run_step("Making a folder for Node", [PYTHON, "-m", "venv", "--without-pip", BUNDLED_NODE])
        _pip_install(ROOT / "requirements-node.lock", "Installing Node", BUNDLED_NODE / "bin" / "python")
    return {**os.environ, "PATH": f"{BUNDLED_NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def _node_is_new_enough() -> bool:
    if shutil.which("npm") is None or shutil.which("node") is None:
        return False
    answer = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", answer)[:2])
    # Vite's own condition.
    return version >= (22, 12) or (20, 19) <= version < (21, 0)


def _succeeds(*command: str | Path) -> bool:
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
