"""A layer with a mistake in it is refused in one sentence that says what to mend, before a page is served."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AnyUrl, BaseModel, Field

from geocommons.errors import InvalidInput, NotReady
from geocommons.language import Words, say
from geocommons.layer import ENTRY_POINTS, _layers_of, all_layers
from geocommons.store.engine import open_store
from geocommons.store.schema import migrate
from layers.storm_drains import LAYER
from tests.layers.test_installed_layer import LAYER as WELLS
from tests.layers.test_installed_layer import install

ROOT = Path(__file__).parents[2]


class Keeper(BaseModel):
    name: str


class Listed(BaseModel):
    coins: list[str] = []


class Nested(BaseModel):
    keeper: Keeper | None = None


class Plain(BaseModel):
    depth_m: Annotated[float | None, Field(ge=0)] = None
    kind: Literal["dug", "drilled"] | None = None
    page: AnyUrl | None = None
    asked: Any = None


class Moment(BaseModel):
    dug: datetime | None = None


class Taken(BaseModel):
    status: str | None = None


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"id": "Wishing wells"}, "small letters"),
        ({"title": "Wells"}, "must be Words(en=…, nl=…)"),
        ({"duties": ("Leave the coins.",)}, "must be Words(en=…, nl=…)"),
        ({"duties": Words(en="Leave the coins.")}, "must be Words(en=…, nl=…)"),
        ({"status_words": {"lapsing": "drying up"}}, "must be Words(en=…, nl=…)"),
        ({"geometry_type": "point"}, "one of: Point, LineString, Polygon."),
        ({"color": "brown"}, "as #2B2060."),
        ({"facts": dict}, "derived from pydantic's BaseModel"),
        ({"facts": {"depth_m": float}}, "derived from pydantic's BaseModel"),
        ({"facts": Listed}, "no list, no model"),
        ({"facts": Nested}, "no list, no model"),
        ({"facts": Taken}, "Call none of its facts certainty"),
        ({"facts": Moment}, "no list, no model"),
        ({"begins": "dug"}, "begins must be the name of one of its facts that is a day."),
        ({"begins": "inlet"}, "begins must be the name of one of its facts that is a day."),
        ({"measured": True}, "LineString"),
        ({"status_words": {"wet": Words(en="Wet")}}, "must be of: available, requested"),
        ({"min_zoom": 0}, "min_zoom"),
        ({"lapsing_days": 0}, "lapsing_days"),
    ],
    ids=str,
)
def test_the_first_mistake_is_told_in_both_languages(change: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        replace(LAYER, **change)
    assert told in str(refused.value)
    assert say(refused.value, "nl").startswith(f"De laag “{change.get('id', 'storm-drains')}” is niet te gebruiken. ")


def test_a_fact_may_be_whatever_fits_a_cell() -> None:
    assert replace(LAYER, facts=Plain).facts is Plain


def load(folder: Path, monkeypatch: pytest.MonkeyPatch, module: str, text: str) -> list[Any]:
    (folder / f"{module}.py").write_text(text)
    monkeypatch.syspath_prepend(folder)
    return list(_layers_of(EntryPoint("wells", f"{module}:LAYER", ENTRY_POINTS)))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("one = 1\nLAYER = Layr()", "NameError: name 'Layr' is not defined (wrong_{n}.py, line 2)"),
        ("one = 1\nLAYER = (", "SyntaxError: '(' was never closed (wrong_{n}.py, line 2)"),
        ("import no_such_package", "No module named 'no_such_package' (wrong_{n}.py, line 1)"),
        ("LAYER = 3", "wrong_{n}:LAYER holds no layer."),
        ("THING = 3", "AttributeError: module 'wrong_{n}' has no attribute 'LAYER'."),
        ("from geocommons.layer import Layer\nLAYER = Layer(id='wells')", "'title', 'one', 'description'"),
    ],
)
def test_a_package_that_does_not_load_is_told_by_file_and_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    number = abs(hash(text))
    with pytest.raises(NotReady) as refused:
        load(tmp_path, monkeypatch, f"wrong_{number}", text)
    assert told.format(n=number) in str(refused.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('id="wishing-wells"', 'id="gardens"'), "Two layers have the id “gardens”. Give that of wells:LAYER another."),
        (("facts=Well", "facts=Well, topology=Topology(inside='parks')"), "lies inside “parks”, and there is no such"),
    ],
    ids=["the same id", "inside what is not there"],
)
def test_layers_that_do_not_go_together_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], told: str
) -> None:
    install(tmp_path / "site", WELLS.replace(*change).replace("import Layer", "import Layer, Topology"))
    monkeypatch.syspath_prepend(tmp_path / "site")
    with pytest.raises(NotReady, match=told):
        all_layers.__wrapped__()
    del sys.modules["wells"]


def test_a_register_with_a_wrong_layer_does_not_start_and_says_why(tmp_path: Path) -> None:
    install(tmp_path / "site", WELLS.replace("#444444", "grey"))
    store = open_store(f"sqlite:///{tmp_path / 'geocommons.sqlite'}")
    migrate(store)
    store.close()
    path = os.pathsep.join((str(tmp_path / "site"), str(ROOT)))
    done = subprocess.run(
        [sys.executable, "-c", "from geocommons.cli.main import run; run()", "serve", "--port", "0"],
        env=os.environ | {"PYTHONPATH": path, "GEOCOMMONS_DATA_DIR": str(tmp_path)},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("The layer “wishing-wells” cannot be used.")
