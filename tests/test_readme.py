"""The README tells all there is: every setting, layer, script and command."""

import re
import tomllib
from pathlib import Path

import pytest

from geocommons.layer import all_layers
from geocommons.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = [f"GEOCOMMONS_{name.upper()}" for name in Settings.model_fields]
LAYERS = [f"`{layer_id}`" for layer_id in all_layers()]
# A script that only other scripts and the Makefile call is told of where it is used.
INNER = {"__init__", "apt", "progress", "parts", "chromium"}
SCRIPTS = [f"scripts/{path.name}" for path in sorted((ROOT / "scripts").glob("*.py")) if path.stem not in INNER]


@pytest.fixture(scope="module")
def readme() -> str:
    path = ROOT / tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["readme"]
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*SETTINGS, *LAYERS, *SCRIPTS, "make demo", "make test"])
def test_the_readme_tells_of(readme: str, name: str) -> None:
    told = name in readme
    assert told, f"README.md does not name {name}"


def test_the_defaults_that_the_readme_tells_are_those_in_force(readme: str) -> None:
    told: dict[str, str] = {}
    for names, default in re.findall(r"^\| (`GEOCOMMONS_[^|]+) \|.*\| ([^|]+) \|$", readme, re.MULTILINE):
        told |= dict.fromkeys(re.findall(r"\w+", names), default)
    for name, field in Settings.model_fields.items():
        said = told[f"GEOCOMMONS_{name.upper()}"]
        if said.startswith("`"):
            assert f"`{field.default}`" in said, name
        elif said == "empty":
            assert not getattr(field.default, "get_secret_value", lambda default=field.default: default)(), name
