"""Make scenarios, and change them: what if these sites came, and that one closed?"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
import shapely
from sqlalchemy.orm import Session

from geocommons.errors import InvalidInput, NotFound
from geocommons.layer import get_layer
from geocommons.model.desk import Scenario
from geocommons.model.party import read_name
from geocommons.settings import Settings
from geocommons.store.desk import get_scenario, has_site
from geocommons.store.engine import Store
from geocommons.store.runs import get_run
from geocommons.usecases.analyses.service.reaches import read_reach
from geocommons.usecases.questions.scenario import check_changes
from geocommons.usecases.runs.keep import read_output

NOTE_SIGNS = 2_000


def make_scenario(
    store: Store, name: str, changes: Sequence[Mapping[str, Any]] = (), *, note: str = "", now: datetime
) -> Scenario:
    """Return a new scenario with some changes; refuse a change that cannot be made."""
    checked = check_changes(changes)
    with store.writing() as session:
        _refuse_unknown(session, checked)
        scenario = Scenario(
            name=read_name(name), note=note.strip()[:NOTE_SIGNS], changes=checked, made_by=store.actor.account_id,
            made_at=now, changed_at=now,
        )  # fmt: skip
        session.add(scenario)
        session.flush()
        return scenario


def add_change(store: Store, scenario_id: int, change: Mapping[str, Any], *, now: datetime) -> Scenario:
    """Add a change to the end of a scenario."""
    with store.writing() as session:
        scenario = get_scenario(session, scenario_id)
        checked = check_changes([*scenario.changes, change])
        _refuse_unknown(session, checked[-1:])
        scenario.changes, scenario.changed_at = checked, now
        return scenario


def drop_change(store: Store, scenario_id: int, position: int, *, now: datetime) -> Scenario:
    """Take a change out of a scenario."""
    with store.writing() as session:
        scenario = get_scenario(session, scenario_id)
        if not 0 <= position < len(scenario.changes):
            raise NotFound("Scenario {scenario} has no change {number}.", scenario=scenario_id, number=position + 1)
        scenario.changes = [change for at, change in enumerate(scenario.changes) if at != position]
        scenario.changed_at = now
        return scenario


def _refuse_unknown(session: Session, changes: Sequence[Mapping[str, Any]]) -> None:
    """Refuse to close or adopt what is not in the register, and to add what is."""
    for change in changes:
        if change["do"] == "ask":
            continue
        known = has_site(session, change["layer"], change["ref"])
        if change["do"] == "add" and known:
            raise InvalidInput(
                "“{ref}” is in the register already. Give the new place another number.", ref=change["ref"]
            )
        if change["do"] != "add" and not known:
            raise NotFound("There is no site “{ref}” in {layer}.", ref=change["ref"], layer=change["layer"])


def scenario_of_siting(store: Store, settings: Settings, run_id: int, *, name: str, now: datetime) -> Scenario:
    """Return a new scenario in which the places that a run chose are sites of the first layer that it asked about.

    Stretches of a river that serves by the stretch are adopted there: no river is added.
    """
    with store.reading() as session:
        run = get_run(session, run_id)
    chosen = read_output(settings, run, "chosen")
    layer = str(run.params["supply"][0])
    changes = [
        _adopted(row.layer, row.ref)
        if row.layer == layer and get_layer(layer).measured
        else {"do": "add", "layer": layer, "ref": f"new-{row.ref}", "name": row.title or row.ref,
              "geometry": orjson.loads(shapely.to_geojson(row.geometry))}
        for row in chosen.rename(columns={"name": "title"}).itertuples()
    ]  # fmt: skip
    return make_scenario(store, name, changes, note=f"run {run_id}", now=now)


def _adopted(layer: str, ref: str) -> dict[str, Any]:
    river, from_m, to_m = read_reach(ref)
    return {"do": "adopt", "layer": layer, "ref": river, "from_m": from_m, "to_m": to_m}
