"""Verbs that answer: analyse coverage, gaps and rivers."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from geocommons.cli.console import language, now, out, progress_bar, read_day, register, words, write_json
from geocommons.layer import get_layer
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyse import MINUTES, analyse_coverage, analyse_gaps, analyse_rivers
from geocommons.usecases.export import export_run

analyse_app = typer.Typer(help="Who is served, where nobody is, and what of each river is free.", no_args_is_help=True)
Supply = Annotated[list[str] | None, typer.Option("--supply", help="Layer whose sites serve; as often as needed.")]
Minutes = Annotated[float, typer.Option(help="Longest walk, at 4.8 km/h.")]
Straight = Annotated[bool, typer.Option("--straight", help="Measure in a straight line, not along streets.")]
Metres = Annotated[float | None, typer.Option(help="Longest way in metres, instead of minutes.")]
CaredFor = Annotated[bool, typer.Option("--cared-for", help="Only sites that have a steward serve.")]
At = Annotated[str | None, typer.Option(help="Day, as 2026-03-31; today if left out.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write .gpkg, .csv, .geojson, .parquet, .fgb or .html.")]
SHOWN_GAPS = 20


@analyse_app.command("coverage")
def coverage(
    supply: Supply = None, minutes: Minutes = MINUTES, straight: Straight = False, metres: Metres = None,
    cared_for: CaredFor = False, at: At = None, as_json: AsJson = False, out_file: Out = None,
) -> None:  # fmt: skip
    """Say who lives within reach of a site, by district and group of people."""
    with register("start an analysis") as (store, settings):
        with progress_bar(words("Coverage")):
            run = analyse_coverage(
                store, settings, supply=supply or [], minutes=minutes, straight=straight, metres=metres,
                cared_for=cared_for, day=read_day(at), now=now(),
            )  # fmt: skip
        if _handed_over(store, settings, run, as_json=as_json, path=out_file):
            return
    out.print(_coverage_sentence(run.result), highlight=False)
    table = _figures("people", "served", "unserved", "not_assessed")
    for name, part in run.result["districts"].items():
        _add(table, name or words("outside all districts"), part)
    if run.result["groups"]:
        table.add_section()
    for name, part in run.result["groups"].items():
        _add(table, name.replace("_", " "), part)
    if table.row_count:
        out.print(table)


@analyse_app.command("gaps")
def gaps(
    supply: Supply = None, minutes: Minutes = MINUTES, straight: Straight = False, metres: Metres = None,
    cared_for: CaredFor = False, at: At = None, as_json: AsJson = False, out_file: Out = None,
) -> None:  # fmt: skip
    """Rank the areas whose people no site reaches."""
    with register("start an analysis") as (store, settings):
        with progress_bar(words("Gaps")):
            run = analyse_gaps(
                store, settings, supply=supply or [], minutes=minutes, straight=straight, metres=metres,
                cared_for=cared_for, day=read_day(at), now=now(),
            )  # fmt: skip
        if _handed_over(store, settings, run, as_json=as_json, path=out_file):
            return
    out.print(_coverage_sentence({**run.result, **run.result["totals"]}), highlight=False)
    table = _right("gap", "people", "district", "nearest", "distance", text=("district", "nearest"))
    for gap in run.result["gaps"][:SHOWN_GAPS]:
        nearest = gap["nearest"] or {"name": "-", "ref": "-"}
        metres_away = "-" if gap["distance_m"] is None else f"{gap['distance_m']:,.0f} m"
        name = nearest["name"] or nearest["ref"]
        table.add_row(str(gap["rank"]), _count(gap["people"]), gap["district"] or "-", name, metres_away)
    out.print(table)
    if len(run.result["gaps"]) > SHOWN_GAPS:
        out.print(words("… and {more} more.").format(more=len(run.result["gaps"]) - SHOWN_GAPS))


@analyse_app.command("rivers")
def rivers(
    layer: Annotated[str, typer.Option(help="Layer of measured lines.")] = "rivers",
    at: At = None, as_json: AsJson = False, out_file: Out = None,
) -> None:  # fmt: skip
    """Say how much of each river is adopted, in conflict and free."""
    with register("start an analysis") as (store, settings):
        with progress_bar(words("Rivers")):
            run = analyse_rivers(store, settings, layer=layer, day=read_day(at), now=now())
        if _handed_over(store, settings, run, as_json=as_json, path=out_file):
            return
    totals = run.result["totals"]
    sentence = words("On {day}, {adopted} of {length} km are adopted, {free} km are free, {conflict} km in conflict.")
    km = {name: f"{totals[f'{name}_m'] / 1000:,.1f}" for name in ("adopted", "length", "free", "conflict")}
    out.print(sentence.format(day=run.result["at"], **km), highlight=False)
    table = _right("river", "length", "adopted", "conflict", "free", "free stretches", text=("river", "free stretches"))
    for river in run.result["rivers"]:
        free = ", ".join(f"{start:,.0f}-{stop:,.0f}" for start, stop in river["free"])
        metres = (f"{river[f'{name}_m']:,.0f}" for name in ("length", "adopted", "conflict", "free"))
        table.add_row(river["name"] or river["ref"], *metres, free)
    out.print(table)


def _handed_over(store: Store, settings: Settings, run: Run, *, as_json: bool, path: Path | None) -> bool:
    """Write a run to a file and as JSON, where asked; return whether nothing else is to be printed."""
    if path is not None:
        export_run(store, settings, run, path, language=language())
    if as_json:
        write_json(run.result)
    return as_json


def _coverage_sentence(result: dict[str, Any]) -> str:
    supply = ", ".join(get_layer(layer_id).title.say(language()).lower() for layer_id in result["supply"])
    if result["method"] == "straight":
        sentence = words(
            "{share} of {people} people live within {metres} m in a straight line of {supply} ({sites}), {day}."
        )
    elif result["minutes"] is None:
        sentence = words("{share} of {people} people live within {metres} m on foot of {supply} ({sites}), {day}.")
    else:
        sentence = words(
            "{share} of {people} people live within {minutes} minutes on foot of {supply} ({sites}), {day}."
        )
    minutes = "" if result["minutes"] is None else f"{result['minutes']:g}"
    said = sentence.format(
        share=_percent(result["share"]), people=_count(result["people"]), metres=f"{result['reach_m']:g}",
        minutes=minutes, supply=supply, sites=result["sites"], day=result["at"],
    )  # fmt: skip
    if result["not_assessed"]:
        rest = words("{people} people live too far from any street to be assessed.")
        said += " " + rest.format(people=_count(result["not_assessed"]))
    return said


def _figures(*names: str) -> Table:
    return _right("", *(name.replace("_", " ") for name in names), "share", text=("",))


def _right(*names: str, text: tuple[str, ...]) -> Table:
    table = Table()
    for name in names:
        table.add_column(words(name) if name else "", justify="left" if name in text else "right")
    return table


def _add(table: Table, name: str, part: dict[str, Any]) -> None:
    figures = (_count(part[key]) for key in ("people", "served", "unserved", "not_assessed"))
    table.add_row(name, *figures, _percent(part["share"]))


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
