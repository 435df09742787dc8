"""Read and add records: why something changed."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from geocommons.model.record import Lineage, Record
from geocommons.model.site import Site
from geocommons.model.tenure import Tenure


def find_record(session: Session, ref: str) -> Record | None:
    """Return the record with a ref, if there is one."""
    return session.scalars(select(Record).where(Record.ref == ref)).one_or_none()


def find_records(session: Session, refs: Iterable[str]) -> dict[str, Record]:
    """Return the records with some refs, by ref."""
    return {record.ref: record for record in session.scalars(select(Record).where(Record.ref.in_(list(refs))))}


def find_or_add_record(session: Session, *, ref: str, kind: str, now: datetime, day: date | None = None) -> Record:
    """Return the record with a ref; one that is not known yet is added."""
    record = find_record(session, ref)
    if record is None:
        record = Record(ref=ref, kind=kind, day=day, created_at=now)
        session.add(record)
        session.flush()
    return record


def sites_on_record(session: Session, record_id: int) -> list[int]:
    """Return the ids of the sites that a record retired or redrew, or says who holds."""
    held = select(Tenure.site_id).where(Tenure.record_id == record_id)
    retired = select(Site.id).where(Site.retired_by == record_id)
    drawn = select(Lineage.new_site_id).where(Lineage.record_id == record_id)
    return sorted({site_id for query in (held, retired, drawn) for site_id in session.scalars(query)})
