"""Write what the register and its analyses hold as files that others can open; public columns only."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from geocommons.errors import InvalidInput
from geocommons.files.export import safe_cell, write_frame
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.map_file import write_run_map
from geocommons.usecases.public_sites import public_frame
from geocommons.usecases.runs.keep import read_output


def export_layer(store: Store, layer_id: str, path: Path, *, day: date) -> int:
    """Write the sites of a layer that exist on a day, and return how many; the format is as the suffix says."""
    with store.reading() as session:
        frame = public_frame(session, layer_id, day)
    write_frame(frame, path)
    return len(frame)


def export_run(store: Store, settings: Settings, run: Run, path: Path, *, language: str = "en") -> None:
    """Write what a run found: a map (.html), the figures (.csv of a coverage), or its main output as a layer."""
    suffix = path.suffix.lower()
    if suffix == ".html":
        write_run_map(store, settings, run, path, language=language)
    elif suffix == ".csv" and run.kind == "coverage":
        _write_table(coverage_table(run.result), path)
    else:
        write_frame(read_output(settings, run, _main_output(run)), path)


def _main_output(run: Run) -> str:
    """Return the output that a file of one layer holds: what findings draw first."""
    return say_findings(run, "en").layers[0].output


def coverage_table(result: dict[str, Any]) -> pd.DataFrame:
    """Return the figures of a coverage as rows: part (all, district, group), name, people, served, ..., share."""
    parts = [("all", "", result)]
    parts += [("district", name, part) for name, part in result["districts"].items()]
    parts += [("group", name, part) for name, part in result["groups"].items()]
    names = ("people", "served", "unserved", "not_assessed", "share")
    rows = [
        {"part": part, "name": safe_cell(name), **{key: figures[key] for key in names}} for part, name, figures in parts
    ]
    return pd.DataFrame(rows)


def _write_table(table: pd.DataFrame, path: Path) -> None:
    if not path.parent.is_dir():
        raise InvalidInput("There is no folder {folder}. Make it first.", folder=path.parent)
    with tempfile.TemporaryDirectory(prefix=".geocommons-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        table.to_csv(draft, index=False, encoding="utf-8", lineterminator="\r\n")
        draft.replace(path)
