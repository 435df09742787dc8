"""Ask the public lists of known holes about every locked package; run by CI.

    python -m scripts.audit

A known hole that a newer version closes is a failure. A list that cannot be reached is said, and is no failure.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scripts.install import ROOT, WEB, install_node_packages, node_environment

LOCKS = ("requirements-dev.lock", "requirements-node.lock")
"""The developers' lock holds every line of the users' one."""
LONGEST_S = 300


class Verdict(NamedTuple):
    """What a list of holes says: what must be fixed, what nobody has fixed yet, and why it said nothing."""

    fixable: list[str]
    open: list[str]
    silent: str = ""


def main() -> int:
    """Print what each list says of each lock file; return 1 where something can and must be fixed."""
    failed = False
    for lock in LOCKS:
        failed |= _tell(f"pip-audit {lock}", python_verdict(_pip_audit(ROOT / lock)))
    environment = node_environment()
    install_node_packages(environment)
    failed |= _tell("npm audit", browser_verdict(_output(["npm", "audit", "--json"], WEB, environment)))
    return int(failed)


def python_verdict(output: str) -> Verdict:
    """Read what pip-audit wrote as JSON."""
    read = _read(output)
    if "dependencies" not in read:
        return Verdict([], [], "its source could not be reached")
    fixable, still_open, unknown = [], [], 0
    for package in read["dependencies"]:
        unknown += "skip_reason" in package
        for hole in package.get("vulns", ()):
            fixes = hole["fix_versions"]
            told = f"{package['name']} {package['version']}: {hole['id']}"
            if fixes:
                fixable.append(f"{told}, closed in {' or '.join(fixes)}")
            else:
                still_open.append(f"{told}, closed nowhere yet")
    every = len(read["dependencies"])
    return Verdict(fixable, still_open, f"its source could not tell of {unknown} of {every}" if unknown else "")


def browser_verdict(output: str) -> Verdict:
    """Read what npm audit wrote as JSON."""
    read = _read(output)
    if "vulnerabilities" not in read:
        return Verdict([], [], "its source could not be reached")
    fixable, still_open = [], []
    for name, hole in read["vulnerabilities"].items():
        told = f"{name} {hole.get('range', '')}: {hole['severity']}"
        if hole["fixAvailable"]:
            fixable.append(f"{told}, closed by an update")
        else:
            still_open.append(f"{told}, closed nowhere yet")
    return Verdict(fixable, still_open)


def _pip_audit(lock: Path) -> str:
    command = [str(Path(sys.executable).with_name("pip-audit")), "-r", str(lock), "--disable-pip", "--no-deps"]
    return _output([*command, "-f", "json", "--progress-spinner", "off", "--timeout", "10"], ROOT)


def _output(command: Sequence[str], cwd: Path, environment: dict[str, str] | None = None) -> str:
    """Return what a tool printed, or nothing where it did not end."""
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=LONGEST_S,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def _read(output: str) -> dict[str, Any]:
    try:
        read = json.loads(output)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _tell(name: str, verdict: Verdict) -> bool:
    """Print a verdict, and return whether it is a failure."""
    for line in verdict.fixable:
        print(f"✗ {name}: {line}")
    for line in verdict.open:
        print(f"! {name}: {line}")
    if verdict.silent:
        print(f"! {name}: NOT AUDITED, {verdict.silent}.")
    elif not verdict.fixable:
        print(f"✓ {name}: nothing known that an update would close")
    return bool(verdict.fixable)


if __name__ == "__main__":
    sys.exit(main())
