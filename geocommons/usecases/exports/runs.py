"""Write what a run found as files that others can open, each in the form that its suffix names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from geocommons.errors import InvalidInput
from geocommons.files.export import SUFFIXES, drafted, write_frame, write_frames, write_table
from geocommons.language import mark, translate
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.exports.report import run_report
from geocommons.usecases.exports.run_map import write_run_map
from geocommons.usecases.exports.run_pictures import run_pictures
from geocommons.usecases.findings.document import Findings
from geocommons.usecases.findings.say import findings_of, say_findings
from geocommons.usecases.runs.keep import read_output
from geocommons.usecases.runs.provenance import address_of, asked_words, input_words

MAIN_OUTPUT = {"coverage": "demand"}
"""The output that a file of one layer holds, where it is not the one that the map draws first."""
FIGURE_COLUMNS = ("table", "row", "name", "key", "column", "kind", "value", "few")
NO_MAP = mark("Run {run} found nothing that can be drawn on a map.")


def export_run(store: Store, settings: Settings, run: Run, path: Path, *, language: str = "en") -> None:
    """Write what a run found, in the form that the suffix names.

    .pdf: the report; .png: its first map; .html: its map as a page; .gpkg: all its outputs, each a layer; .csv: the
    figures of all its tables (of a coverage those of all, districts and groups); else its main output as one layer.
    Refusals: InvalidInput, NotReady.
    """
    suffix = path.suffix.lower()
    if suffix not in (*WRITERS, *SUFFIXES):
        known = ", ".join(dict.fromkeys((*WRITERS, *SUFFIXES)))
        raise InvalidInput("{file} cannot be written: end its name in {suffixes}.", file=path.name, suffixes=known)
    WRITERS.get(suffix, _write_main)(store, settings, run, path, language)


def export_figures(store: Store, settings: Settings, run: Run, path: Path, *, language: str = "en") -> None:
    """Write every cell of every table of a run as CSV, whatever its kind."""
    write_table(figures_table(findings_of(store, run, language)), path)


def run_png(store: Store, settings: Settings, run: Run, *, language: str = "en") -> bytes:
    """Return the first map of a run as PNG, for a slide; refuse a run that drew nothing."""
    findings = findings_of(store, run, language)
    pictures = run_pictures(
        store, settings, run, findings, language, most=1, width_mm=240.0, height_mm=160.0, dots_per_inch=180
    )
    if not pictures:
        raise InvalidInput(NO_MAP, run=run.id)
    return pictures[0].png


def coverage_table(result: dict[str, Any]) -> pd.DataFrame:
    """Return the figures of a coverage as rows: part (all, district, group), name, people, served, ..., share."""
    parts = [("all", "", result)]
    parts += [("district", name, part) for name, part in result["districts"].items()]
    parts += [("group", name, part) for name, part in result["groups"].items()]
    names = ("people", "served", "unserved", "not_assessed", "share")
    rows = [{"part": part, "name": name, **{key: figures[key] for key in names}} for part, name, figures in parts]
    return pd.DataFrame(rows)


def figures_table(findings: Findings) -> pd.DataFrame:
    """Return every cell of every table as a row: table, row (from 1), name, key, column, kind, value, few.

    Values are as they were computed: shares are fractions, lengths metres, areas square metres. `few` marks rows of so
    few people that a share is no rate.
    """
    rows = [
        (table.title, number, row.cells[0], row.key, column.title, column.kind, value, "yes" if row.few else "")
        for table in findings.tables
        for number, row in enumerate(table.rows, start=1)
        for column, value in zip(table.columns, row.cells, strict=True)
    ]
    return pd.DataFrame(rows, columns=list(FIGURE_COLUMNS), dtype=object)


def about_table(store: Store, settings: Settings, run: Run, findings: Findings, language: str) -> pd.DataFrame:
    """Return what whoever opens a file later asks about it, as pairs: what was found and asked, of which inputs."""
    with store.reading() as session:
        asked = asked_words(session, run, language)
    inputs = [(input_words(name, language), str(checksum)) for name, checksum in run.inputs.items()]
    rows = [
        (findings.title, findings.sentence), *asked, *inputs,
        (translate(mark("Version of GeoCommons"), language), run.version),
        (translate(mark("Address"), language), settings.home + address_of(run.kind, run.params)),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["name", "value"])


def _write_main(store: Store, settings: Settings, run: Run, path: Path, language: str) -> None:
    write_frame(read_output(settings, run, _outputs(run)[0]), path)


def _write_all(store: Store, settings: Settings, run: Run, path: Path, language: str) -> None:
    frames = {name: read_output(settings, run, name) for name in _outputs(run)}
    write_frames(frames, path, about_table(store, settings, run, findings_of(store, run, language), language))


def _write_figures(store: Store, settings: Settings, run: Run, path: Path, language: str) -> None:
    wide = run.kind == "coverage"
    write_table(coverage_table(run.result) if wide else figures_table(findings_of(store, run, language)), path)


def _write_report(store: Store, settings: Settings, run: Run, path: Path, language: str) -> None:
    with drafted(path) as draft:
        draft.write_bytes(run_report(store, settings, run, language=language))


def _write_png(store: Store, settings: Settings, run: Run, path: Path, language: str) -> None:
    with drafted(path) as draft:
        draft.write_bytes(run_png(store, settings, run, language=language))


def _write_page(store: Store, settings: Settings, run: Run, path: Path, language: str) -> None:
    write_run_map(store, settings, run, path, language=language)


def _outputs(run: Run) -> list[str]:
    """Return the outputs of a run, the main one first."""
    drawn = [layer.output for layer in say_findings(run, "en").layers]
    main = [MAIN_OUTPUT[run.kind]] if run.kind in MAIN_OUTPUT else []
    return [name for name in dict.fromkeys([*main, *drawn, *run.outputs]) if name in run.outputs]


WRITERS: dict[str, Callable[[Store, Settings, Run, Path, str], None]] = {
    ".pdf": _write_report,
    ".png": _write_png,
    ".html": _write_page,
    ".htm": _write_page,
    ".gpkg": _write_all,
    ".csv": _write_figures,
}
