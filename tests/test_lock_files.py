"""Lock files: versions and hashes, and never an address to download from."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LOCKS = sorted(ROOT.glob("requirements*.lock"))
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_a_python_lock_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(index-url|extra-index-url|find-links)", text, re.MULTILINE)


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda lock: lock.name)
def test_every_pin_of_a_python_lock_has_a_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", lock.read_text())
    pins = [entry for entry in entries if PIN.match(entry)]
    assert pins
    assert all("--hash=sha256:" in entry for entry in pins)


def test_the_developers_lock_holds_every_pin_of_the_users_lock() -> None:
    users, developers = (
        set(PIN.findall((ROOT / name).read_text())) for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert users <= developers


def test_the_browser_lock_names_no_download_address_and_every_package_has_a_hash() -> None:
    packages = json.loads((ROOT / "api" / "web" / "package-lock.json").read_text())["packages"]
    installed = {name: package for name, package in packages.items() if name}
    assert installed
    assert [name for name, package in installed.items() if "resolved" in package] == []
    assert [name for name, package in installed.items() if "integrity" not in package] == []


def test_the_locks_hold_every_dependency_that_is_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    asked = {
        "requirements.lock": project["project"]["dependencies"] + groups["build"],
        "requirements-dev.lock": groups["dev"],
        "requirements-node.lock": groups["node"],
    }
    for lock, requirements in asked.items():
        locked = {name for name, _ in PIN.findall((ROOT / lock).read_text())}
        wanted = {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in requirements}
        assert wanted <= locked, f"run `make lock`: {lock} lacks {wanted - locked}"
