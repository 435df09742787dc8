"""Every check that is not a test: style, types, who imports whom, TypeScript, sizes and names of files."""

import ast
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from scripts.install import ROOT, WEB, install_node_packages, node_environment

FILE_LINES = 400
FUNCTION_LINES = 40
ROOMS = ("geocommons", "api", "layers", "scripts", "tests")
VAGUE_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "core", "misc"})
SOURCE_SUFFIXES = frozenset({".py", ".ts", ".css", ".html"})
BUILT = frozenset({"node_modules", "static", "__pycache__"})
TOOLS: tuple[tuple[str, ...], ...] = (
    ("ruff", "check", "--output-format", "concise", "."),
    ("ruff", "format", "--check", "--output-format", "concise", "."),
    ("mypy", "--strict", "geocommons", "api", "layers", "scripts"),
    ("lint-imports", "--no-logo"),
)


def main() -> int:
    """Run every check, print each one's verdict, and return how many failed."""
    bin_folder = Path(sys.executable).parent
    failed = [name for name, passed in _verdicts(bin_folder) if not passed]
    print(f"\n{len(failed)} checks failed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return min(len(failed), 1)


def _verdicts(bin_folder: Path) -> Iterator[tuple[str, bool]]:
    for tool in TOOLS:
        command = [str(bin_folder / tool[0]), *tool[1:]]
        yield " ".join(tool[:2]), _say(" ".join(tool), partial(_run, command))
    yield "tsc", _say("npm run check (TypeScript, strict)", lambda: _run_npm("run", "--silent", "check"))
    yield "vitest", _say("npm test (TypeScript)", lambda: _run_npm("--silent", "test", "--if-present"))
    yield "sizes", _say("sizes and names of files and functions", _sizes)


def _say(title: str, check: Callable[[], bool]) -> bool:
    started = time.monotonic()
    passed = check()
    print(f"{'✓' if passed else '✗'} {title} ({time.monotonic() - started:.0f} s)", flush=True)
    return passed


def _run(command: list[str], cwd: Path = ROOT, env: dict[str, str] | None = None) -> bool:
    """Run a tool and show what it says only if it has something to complain about."""
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        print(done.stdout + done.stderr)
    return done.returncode == 0


def _run_npm(*arguments: str) -> bool:
    environment = node_environment()
    install_node_packages(environment)
    return _run(["npm", *arguments], WEB, environment)


def _sizes() -> bool:
    complaints = [complaint for path in _sources() for complaint in complaints_about(path)]
    print("\n".join(complaints), end="\n" if complaints else "")
    return not complaints


def _sources() -> list[Path]:
    paths = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*")))
    return [path for path in paths if path.suffix in SOURCE_SUFFIXES and not BUILT & set(path.parts)]


def complaints_about(path: Path) -> list[str]:
    """Return what breaks the rules of the house in one file: its name, its length, its functions' lengths."""
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    found = [f"{name}: {lines} lines, at most {FILE_LINES}"] if lines >= FILE_LINES else []
    if VAGUE_NAMES & {part.lower() for part in (path.stem, path.parent.name)}:
        found.append(f"{name}: the name does not say what is in it")
    if path.suffix == ".py":
        found += [
            f"{name}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES}"
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and (length := (node.end_lineno or node.lineno) - node.lineno + 1) >= FUNCTION_LINES
        ]
    return found


if __name__ == "__main__":
    sys.exit(main())
