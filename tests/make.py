"""The smallest valid things, for tests to start from."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from geocommons.model.account import Account
from geocommons.model.activity import Activity
from geocommons.model.desk import Scenario
from geocommons.model.obligation import Obligation
from geocommons.model.party import Party
from geocommons.model.record import Record
from geocommons.model.run import Run
from geocommons.model.sign_in import LoginSession
from geocommons.model.site import Site
from geocommons.model.tenure import Tenure, TenureParty
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.catalogue import get_question
from geocommons.usecases.findings.say import say_findings
from geocommons.usecases.findings.words.names import names_in_reports
from geocommons.usecases.imports.report import Report
from geocommons.usecases.imports.sites import ImportOptions, import_sites
from geocommons.usecases.imports.tables.care import import_care
from geocommons.usecases.imports.tables.tenures import import_tenures
from geocommons.usecases.people.sessions import Way, start_session
from geocommons.usecases.questions.question import read_question
from geocommons.usecases.questions.scenario import check_changes
from geocommons.usecases.runs.keep import answer

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
STEP = 0.001  # a square of about 70 by 110 m at 52 degrees north
CARE_HEADER = "id,layer,ref,party,party_kind,kind,day,minutes,people,amount,unit,note"
HEADER = "layer,ref,party,party_kind,class,type,from_m,to_m,valid_from,valid_to,record,status,show_name"


def square(column: int, row: int = 0, *, size: float = 1.0) -> shapely.Polygon:
    """Return a square of a grid near Utrecht; neighbours share edges."""
    west, south = 5.0 + column * STEP, 52.0 + row * STEP
    return shapely.box(west, south, west + size * STEP, south + size * STEP)


def write_layer(path: Path, rows: Sequence[Mapping[str, object]], *, crs: str | None = "EPSG:4326") -> Path:
    """Write rows (with `geometry`) as a vector file, the format by its suffix."""
    gpd.GeoDataFrame(list(rows), geometry="geometry", crs=crs).to_file(path)
    return path


def load(store: Store, path: Path, layer: str = "clt-parcels", *, area: str | None = None, **options: object) -> Report:
    """Import a file with its column `ref`."""
    settings = Settings(data_dir=path.parent) if area is None else Settings(data_dir=path.parent, area=area)  # type: ignore[arg-type]
    return import_sites(store, settings, layer, path, ImportOptions(**options), now=NOW)  # type: ignore[arg-type]


def hold(store: Store, folder: Path, *lines: str) -> Report:
    """Import lines of a table of tenures."""
    path = folder / "tenures.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return import_tenures(store, Settings(data_dir=folder), path, now=NOW)


def tend(store: Store, folder: Path, *lines: str) -> Report:
    """Import lines of a table of care."""
    path = folder / "care.csv"
    path.write_text("\n".join((CARE_HEADER, *lines)) + "\n", encoding="utf-8")
    return import_care(store, Settings(data_dir=folder), path, now=NOW)


def hold_too(store: Store, layer: str, ref: str, party: str, kind: str, since: str, *more: float) -> None:
    """Let a party look after a site, or the metres from and to of it, beside whoever does: no claim is exclusive."""
    with store.writing() as session:
        site = session.scalars(select(Site).where(Site.layer == layer, Site.ref == ref)).one()
        known = session.scalars(select(Party).where(Party.kind == kind, Party.name == party)).one_or_none()
        record = Record(ref=f"{party}, {ref}", kind="agreement", day=day(since), created_at=NOW)
        session.add_all([record, known := known or Party(kind=kind, name=party)])
        session.flush()
        session.add(
            Tenure(
                site_id=site.id, rrr="responsibility", type="stewardship", status="current",
                claimant=f"party:{known.id}", from_m=more[0] if more else None, to_m=more[1] if more else None,
                valid_from=day(since), valid_to=None, exclusive=False, record_id=record.id,
                parties=[TenureParty(party=known)],
            )
        )  # fmt: skip


def note_care(store: Store, *rows: tuple[str, str, str, str, str, int, int], kind: str = "weeding") -> None:
    """Note care: layer, ref, party, kind of party, day, minutes and people; a party that is not known is made."""
    with store.writing() as session:
        for number, (layer, ref, party, party_kind, on, minutes, people) in enumerate(rows):
            site = session.scalars(select(Site).where(Site.layer == layer, Site.ref == ref)).one()
            known = session.scalars(select(Party).where(Party.kind == party_kind, Party.name == party)).one_or_none()
            session.add(known := known or Party(kind=party_kind, name=party))
            session.flush()
            key = f"{party}-{ref}-{on}-{number}"
            session.add(
                Activity(key=key, site_id=site.id, party_id=known.id, kind=kind, day=day(on), minutes=minutes,
                         people=people, noted_at=NOW)
            )  # fmt: skip


def note_duties(store: Store, *rows: tuple[str, str, str, str | None], every_days: int | None = None) -> None:
    """Note what is due: layer, ref, by which day, and the day on which it was done."""
    with store.writing() as session:
        for number, (layer, ref, due_on, done_on) in enumerate(rows):
            site = session.scalars(select(Site).where(Site.layer == layer, Site.ref == ref)).one()
            session.add(
                Obligation(key=f"{ref}-{due_on}-{number}", site_id=site.id, kind="inspection", every_days=every_days,
                           due_on=day(due_on), done_on=day(done_on) if done_on else None)
            )  # fmt: skip


def suppose(store: Store, *changes: Mapping[str, object]) -> int:
    """Keep a scenario of some changes, and return its number."""
    with store.writing() as session:
        made = Scenario(name="Stel", note="", changes=check_changes(changes), made_by=None, made_at=NOW, changed_at=NOW)
        session.add(made)
        session.flush()
        return made.id


def names_told(store: Store, run: Run, language: str = "en") -> str:
    """Return all words of the findings of a run, charts too, with parties called as they may be in reports."""
    with store.reading() as session:
        findings = say_findings(run, language, names_in_reports(session))
    return str(findings) + "".join(chart.wide for chart in findings.charts)


def ask(store: Store, settings: Settings, kind: str, *, day: date = TODAY, **asked: object) -> Run:
    """Return the finished run of a question."""
    return answer(store, settings, read_question(get_question(kind), asked, today=day), now=NOW)


def counts(report: Report) -> dict[str, int]:
    """Return the counts of a report that are not zero."""
    names = ("read", "accepted", "updated", "unchanged", "rejected", "repaired", "vanished", "retired")
    return {name: value for name in names if (value := getattr(report, name))}


def day(text: str) -> date:
    """Return a day from its ISO text."""
    return date.fromisoformat(text)


def log_in(session: Session, account: Account, *, way: Way = "mail", now: datetime = NOW) -> LoginSession:
    """Return a new session of an account."""
    login_id, _ = start_session(session, account, way=way, browser="test", now=now)
    return session.get_one(LoginSession, login_id)
