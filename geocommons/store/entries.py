"""Look entries of the audit trail up: about a place, about a person, by whom, within what a reader may see."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from geocommons.model.account import Account
from geocommons.model.audit import AuditEntry
from geocommons.model.party import Party
from geocommons.model.site import Site
from geocommons.model.tenure import Tenure, TenureParty

HELD = ("tenure", "tenure_party")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which entries are asked for; what is None is not asked. `below` is where the page before ended."""

    site_id: int | None = None
    party_id: int | None = None
    account_id: int | None = None
    subject: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    below: int | None = None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a reader may see: everything (`whole`), or what is its own and what is about places of some layers.

    Without layers (None) that is about any place, and what else is not about an account; with none, nothing more.
    """

    whole: bool = False
    account_id: int | None = None
    party_ids: Collection[int] = ()
    layers: Collection[str] | None = ()


def list_entries(session: Session, asked: Asked, seen: Seen, *, limit: int) -> Sequence[AuditEntry]:
    """Return entries, the newest first."""
    query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(limit)
    return session.scalars(query.where(*_asked(asked), *([] if seen.whole else [_may_see(seen)]))).all()


def _asked(asked: Asked) -> list[ColumnElement[bool]]:
    entry = AuditEntry
    conditions: tuple[tuple[Any, Callable[[Any], ColumnElement[bool]]], ...] = (
        (asked.subject, lambda subject: entry.subject == subject),
        (asked.action, lambda action: entry.action == action),
        (asked.since, lambda since: entry.at >= since),
        (asked.until, lambda until: entry.at < until),
        (asked.below, lambda below: entry.id < below),
        (asked.site_id, _about_site),
        (asked.party_id, _about_party),
        (asked.account_id, lambda number: or_(entry.account_id == number, entry.of_account_id == number)),
    )
    return [condition(value) for value, condition in conditions if value is not None]


def _in_run(number: ColumnElement[int] | int) -> ColumnElement[bool]:
    entry = AuditEntry
    return and_(entry.subject_id <= number, func.coalesce(entry.subject_last, entry.subject_id) >= number)


def _about_site(site_id: int) -> ColumnElement[bool]:
    entry = AuditEntry
    held = exists().where(Tenure.site_id == site_id, _in_run(Tenure.id.expression))
    return or_(
        entry.site_id == site_id,
        and_(entry.subject == "site", _in_run(site_id)),
        and_(entry.subject.in_(HELD), held),
        and_(entry.subject == "lineage", entry.subject_id == site_id),
    )


def _about_party(party_id: int) -> ColumnElement[bool]:
    entry = AuditEntry
    share = exists().where(TenureParty.party_id == party_id, _in_run(TenureParty.tenure_id.expression))
    return or_(
        entry.party_id == party_id,
        entry.other_party_id == party_id,
        and_(entry.subject == "party", _in_run(party_id)),
        and_(entry.subject.in_(HELD), entry.party_id.is_(None), share),
    )


def _may_see(seen: Seen) -> ColumnElement[bool]:
    entry = AuditEntry
    parties = list(seen.party_ids)
    own = or_(
        entry.account_id == seen.account_id,
        entry.of_account_id == seen.account_id,
        *(column.in_(parties) for column in (entry.party_id, entry.other_party_id, entry.acting_for)),
    )
    if seen.layers is None:
        return or_(own, entry.of_account_id.is_(None))
    if not seen.layers:
        return own
    here = Site.layer.in_(list(seen.layers))
    place = exists().where(
        here, or_(Site.id == entry.site_id, and_(entry.subject == "site", Site.id == entry.subject_id))
    )
    held = exists().where(here, Tenure.site_id == Site.id, Tenure.id == entry.subject_id)
    return or_(own, place, and_(entry.subject.in_(HELD), held))


def places_of(session: Session, site_ids: Collection[int]) -> dict[int, Site]:
    """Return some sites by their number."""
    wanted = sorted(set(site_ids))
    return {site.id: site for site in session.scalars(select(Site).where(Site.id.in_(wanted)))} if wanted else {}


def sites_of_tenures(session: Session, tenure_ids: Collection[int]) -> dict[int, int]:
    """Return the site of some tenures."""
    query = select(Tenure.id, Tenure.site_id).where(Tenure.id.in_(sorted(set(tenure_ids))))
    return dict(session.execute(query).all()) if tenure_ids else {}


def people_of(session: Session, account_ids: Collection[int], party_ids: Collection[int]) -> tuple[Any, Any]:
    """Return some accounts and some parties, each by their number."""
    accounts = session.scalars(select(Account).where(Account.id.in_(sorted(set(account_ids))))) if account_ids else ()
    parties = session.scalars(select(Party).where(Party.id.in_(sorted(set(party_ids))))) if party_ids else ()
    return {one.id: one for one in accounts}, {one.id: one for one in parties}
