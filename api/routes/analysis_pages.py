"""A page for each analysis: what it found, how it was computed, and a form to run it again."""

from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.auth import may
from api.deps import ActingStoreDep, DayDep, LanguageDep, SessionDep, SettingsDep, parse_day
from api.findings import FINDINGS, OUTPUTS, output_words, reach_words, supply_words
from api.forms import Form, FormDep
from api.page import page
from geocommons.errors import InvalidInput, NotFound
from geocommons.layer import all_layers
from geocommons.model.run import Run
from geocommons.store.runs import get_run, latest_run
from geocommons.usecases.analyse import analyse_coverage, analyse_gaps, analyse_rivers

router = APIRouter(include_in_schema=False)
DOWNLOADS = (("CSV", "csv"), ("GeoPackage", "gpkg"))
DEFAULT_SUPPLY = "gardens"


@router.get("/analyses", dependencies=[may("read")])
def show_first() -> Response:
    """Lead to the first analysis."""
    return RedirectResponse("/analyses/coverage", status_code=307)


@router.get("/analyses/{kind}", dependencies=[may("read")])
def show_analysis(
    request: Request, session: SessionDep, settings: SettingsDep, language: LanguageDep, day: DayDep,
    kind: str, run: int | None = None, panel: bool = False,
) -> Response:  # fmt: skip
    """Return the newest run of an analysis, or the one that is asked for: as a page, or beside the map."""
    if kind not in FINDINGS:
        raise NotFound("There is no analysis “{kind}”. There are: {kinds}.", kind=kind, kinds=", ".join(FINDINGS))
    shown = _find_run(session, kind, run)
    params = dict(shown.params) if shown else {}
    supply = params.get("supply") or [DEFAULT_SUPPLY]
    context: dict[str, Any] = {
        "kind": kind, "run": shown, "params": params, "day": day, "current": kind, "output": OUTPUTS[kind],
        "layers": list(all_layers().values()), "supply": supply,
        "reach": reach_words(params, language), "supply_words": supply_words(supply, language),
        "map_layers": [params["layer"]] if "layer" in params else supply,
        "inputs": _inputs(shown), "downloads": _downloads(shown, language),
    }  # fmt: skip
    if shown:
        context |= FINDINGS[kind](session, shown, language)
    template = "analyses/brief.html" if panel else f"analyses/{kind}.html"
    return page(request, template, language, settings, **context)


@router.post("/analyses/{kind}", dependencies=[may("start an analysis")])
def run_analysis(store: ActingStoreDep, settings: SettingsDep, kind: str, form: FormDep) -> Response:
    """Run an analysis as the form asks, and lead to what it found."""
    now = datetime.now(UTC)
    at = parse_day(form["at"]) if form["at"] else date.today()
    if kind == "rivers":
        run = analyse_rivers(store, settings, day=at, now=now)
    elif kind in FINDINGS:
        straight = form["way"] == "straight"
        analyse = analyse_coverage if kind == "coverage" else analyse_gaps
        run = analyse(
            store, settings, supply=_supply(form), day=at, now=now,
            minutes=_positive(form, "minutes", 10), straight=straight,
            metres=_positive(form, "metres", 800) if straight else None, cared_for="cared_for" in form,
        )  # fmt: skip
    else:
        raise NotFound("There is no analysis “{kind}”. There are: {kinds}.", kind=kind, kinds=", ".join(FINDINGS))
    return RedirectResponse(f"/analyses/{kind}?run={run.id}&at={at.isoformat()}", status_code=303)


def _find_run(session: SessionDep, kind: str, run_id: int | None) -> Run | None:
    if run_id is None:
        return latest_run(session, kind)
    run = get_run(session, run_id)
    if run.kind != kind:
        raise NotFound("There is no run {run}.", run=run_id)
    return run


def _supply(form: Form) -> list[str]:
    supply = [layer for layer in form.every("supply") if layer in all_layers()]
    if not supply:
        raise InvalidInput("Choose at least one layer of sites that serve people.")
    return supply


def _positive(form: Form, name: str, default: float) -> float:
    text = (form[name] or str(default)).replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1_000_000:
        raise InvalidInput("“{value}” is not a number above 0.", value=text)
    return value


def _inputs(run: Run | None) -> list[tuple[str, str]]:
    """Return the names of a run's inputs with the first digits of their checksums."""
    inputs = run.inputs if run else {}
    return [(name, _short(value)) for name, value in inputs.items()]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("checksum", "")
    return str(value).removeprefix("sha256:")[:12]


def _downloads(run: Run | None, language: str) -> list[tuple[str, str]]:
    """Return what each output of a run can be downloaded as: the words of the link, and its address."""
    if run is None:
        return []
    every = [(name, words, ending) for name in run.outputs for words, ending in DOWNLOADS]
    return [
        (f"{output_words(name, language)}, {words}", f"/api/runs/{run.id}/export/{name}.{ending}")
        for name, words, ending in every
    ]
