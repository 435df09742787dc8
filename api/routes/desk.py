"""The planner's desk: standards, scenarios, and questions that are asked again as planned."""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from api.auth import may
from api.deps import (
    ActingStoreDep,
    DayDep,
    LanguageDep,
    NowDep,
    SessionDep,
    SettingsDep,
)
from api.forms import Form, FormDep
from api.map_config import place_config
from api.notice import see_other
from api.page import page, script_json
from geocommons.errors import InvalidInput, NotFound
from geocommons.language import mark, translate
from geocommons.layer import all_layers
from geocommons.model.desk import MONTHS
from geocommons.numerals import day
from geocommons.settings import Settings
from geocommons.store.context_sets import find_context
from geocommons.store.desk import get_scenario, get_schedule, list_scenarios, list_schedules
from geocommons.store.runs import list_runs
from geocommons.store.sites import register_bbox
from geocommons.usecases.context_files import read_context
from geocommons.usecases.findings.say import KIND_WORDS
from geocommons.usecases.findings.series import say_series
from geocommons.usecases.runs.provenance import change_words
from geocommons.usecases.runs.schedules import make_schedule, stop_schedule
from geocommons.usecases.scenarios import add_change, drop_change, make_scenario, scenario_of_siting
from geocommons.usecases.standards import keep_standard, list_standards

router = APIRouter(prefix="/analyses", include_in_schema=False)
MADE = mark("The scenario was made. Add what it changes.")
CHANGED = mark("Saved.")
PLANNED = mark("It is asked again as planned, the next time on {day}.")
STOPPED = mark("It is asked no more. What was answered stays.")
KEPT = mark("The standard was kept as version {version}.")
SHOWN_RUNS = 240


@router.get("/standards", dependencies=[may("read")])
def show_standards(request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return every standard, with its source and what it asks."""
    return page(
        request, "analyses/standards.html", language, settings, standards=list_standards(session), current="analyses"
    )


@router.post("/standards", dependencies=[may("start an analysis")])
def make_standard(form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep) -> Response:
    """Keep a standard of the city's own, as a new version if its id is known."""
    figures = ("reach_m", "min_area_m2", "capacity_m2_per_person")
    test: dict[str, Any] = {name: _number(form, name) for name in figures if form[name].strip()}
    test |= {"id": "test", "words": _both(form, "words"), "method": form["method"] or "walk"}
    if form["measured_from"]:
        test["measured_from"] = form["measured_from"]
    body = {"id": form["id"].strip(), "title": _both(form, "title"), "source": form["source"].strip(), "tests": [test]}
    kept = keep_standard(store, body, now=now)
    return see_other("/analyses/standards", settings, KEPT, version=kept.version)


@router.get("/scenarios", dependencies=[may("start an analysis")])
def show_scenarios(request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return the scenarios, and the form that makes one."""
    found = list_scenarios(session)
    return page(request, "analyses/scenarios.html", language, settings, scenarios=found, current="analyses")


@router.post("/scenarios", dependencies=[may("start an analysis")])
def new_scenario(form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep) -> Response:
    """Make a scenario, and lead to it."""
    made = make_scenario(store, form["name"], note=form["note"], now=now)
    return see_other(f"/analyses/scenarios/{made.id}", settings, MADE)


@router.post("/runs/{run_id}/scenario", dependencies=[may("start an analysis")])
def scenario_of_run(
    form: FormDep, store: ActingStoreDep, settings: SettingsDep, language: LanguageDep, now: NowDep, run_id: int
) -> Response:
    """Make a scenario of the places that a run chose, and lead to it."""
    name = form["name"].strip() or translate(mark("Sites of run {run}"), language).format(run=run_id)
    made = scenario_of_siting(store, settings, run_id, name=name, now=now)
    return see_other(f"/analyses/scenarios/{made.id}", settings, MADE)


@router.get("/scenarios/{scenario_id}", dependencies=[may("start an analysis")])
def show_scenario(
    request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep, day: DayDep, scenario_id: int
) -> Response:
    """Return a scenario, what it changes, and the forms that change more."""
    scenario = get_scenario(session, scenario_id)
    layers = [(layer.id, layer.title.say(language)) for layer in all_layers().values()]
    around = place_config(session, settings, language, day, register_bbox(session) or settings.area)
    return page(
        request, "analyses/scenario.html", language, settings, scenario=scenario, layers=layers, current="analyses",
        config=script_json(around),
        changes=[change_words(session, change, language) for change in scenario.changes], kinds=KIND_WORDS,
    )  # fmt: skip


@router.post("/scenarios/{scenario_id}/changes", dependencies=[may("start an analysis")])
def change_scenario(
    form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep, scenario_id: int
) -> Response:
    """Add a change to a scenario."""
    add_change(store, scenario_id, _change(form, store, settings), now=now)
    return see_other(f"/analyses/scenarios/{scenario_id}", settings, CHANGED)


@router.post("/scenarios/{scenario_id}/changes/{position}/drop", dependencies=[may("start an analysis")])
def drop(
    form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep, scenario_id: int, position: int
) -> Response:
    """Take a change out of a scenario."""
    drop_change(store, scenario_id, position - 1, now=now)
    return see_other(f"/analyses/scenarios/{scenario_id}", settings, CHANGED)


@router.get("/schedules", dependencies=[may("read")])
def show_schedules(request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return the questions that are asked again, and when the next time is."""
    found = list_schedules(session)
    return page(
        request, "analyses/schedules.html", language, settings, schedules=found, kinds=KIND_WORDS, current="analyses"
    )


@router.get("/schedules/{schedule_id}", dependencies=[may("read")])
def show_series(
    request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep, schedule_id: int
) -> Response:
    """Return what a question found each time, as a series."""
    schedule = get_schedule(session, schedule_id)
    runs = list_runs(session, limit=SHOWN_RUNS, only_published=True, schedule_id=schedule_id)
    return page(
        request, "analyses/series.html", language, settings, schedule=schedule, words=KIND_WORDS[schedule.kind],
        series=say_series(list(runs), language), current="analyses",
    )  # fmt: skip


@router.post("/runs/{run_id}/schedule", dependencies=[may("start an analysis")])
def plan(
    form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep, language: LanguageDep, run_id: int
) -> Response:
    """Ask the question of a run again every month, quarter or year."""
    made = make_schedule(store, run_id, form["every"] or next(iter(MONTHS)), now=now)
    return see_other(f"/analyses/schedules/{made.id}", settings, PLANNED, day=day(made.next_on, language))


@router.post("/schedules/{schedule_id}/stop", dependencies=[may("start an analysis")])
def stop(form: FormDep, store: ActingStoreDep, settings: SettingsDep, now: NowDep, schedule_id: int) -> Response:
    """Ask a question no more."""
    stop_schedule(store, schedule_id, now=now)
    return see_other("/analyses/schedules", settings, STOPPED)


def _change(form: Form, store: ActingStoreDep, settings: Settings) -> dict[str, Any]:
    """Return the change that a form describes."""
    do = form["do"]
    if do == "ask":
        return {"do": "ask", "values": {form["field"]: form["value"].replace(",", ".").strip()}}
    change: dict[str, Any] = {"do": do, "layer": form["layer"], "ref": form["ref"].strip()}
    if do == "adopt":
        change |= {name: _number(form, name) for name in ("from_m", "to_m") if form[name].strip()}
    elif do == "add":
        change |= {"name": form["name"].strip(), "geometry": _place(form["place"].strip(), store, settings)}
    return change


def _place(text: str, store: ActingStoreDep, settings: Settings) -> dict[str, Any]:
    """Return a place as GeoJSON: typed as GeoJSON, as longitude and latitude, or as the number of a candidate."""
    if text.startswith("{"):
        try:
            geometry: dict[str, Any] = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise InvalidInput("The place is no GeoJSON that can be read.") from error
        return geometry
    parts = text.replace(";", ",").split(",")
    if len(parts) == 2:
        try:
            return {"type": "Point", "coordinates": [float(part) for part in parts]}
        except ValueError:
            pass
    return _candidate(text, store, settings)


def _candidate(ref: str, store: ActingStoreDep, settings: Settings) -> dict[str, Any]:
    with store.reading() as session:
        entry = find_context(session, "candidates")
        frame = read_context(settings, entry) if entry else None
    found = frame[frame["ref"].astype(str) == ref] if frame is not None and "ref" in frame else None
    if found is None or found.empty:
        raise NotFound(
            "“{place}” is no candidate. Write longitude and latitude (2.6, 54.6), GeoJSON, or a candidate’s number.",
            place=ref,
        )
    shape: dict[str, Any] = found.geometry.iloc[0].__geo_interface__
    return shape


def _number(form: Form, name: str) -> float:
    try:
        return float(form[name].replace(",", "."))
    except ValueError as error:
        raise InvalidInput("“{value}” is not a number.", value=form[name]) from error


def _both(form: Form, name: str) -> dict[str, str]:
    """Return words in both languages; who fills in one says it in both."""
    english, dutch = form[f"{name}_en"].strip(), form[f"{name}_nl"].strip()
    return {"en": english or dutch, "nl": dutch or english}
