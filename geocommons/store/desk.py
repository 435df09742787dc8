"""Find what planners keep: own standards, scenarios and schedules."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.desk import OwnStandard, Scenario, Schedule
from geocommons.model.site import Site

NUL = "\0"
"""A sign that no text of the register has; PostgreSQL refuses to look for it."""


def get_scenario(session: Session, scenario_id: int) -> Scenario:
    """Return a scenario, or refuse where there is none."""
    found = session.get(Scenario, scenario_id)
    if found is None:
        raise NotFound("There is no scenario {scenario}.", scenario=scenario_id)
    return found


def list_scenarios(session: Session) -> Sequence[Scenario]:
    """Return the scenarios, the one that was changed last first."""
    return session.scalars(select(Scenario).order_by(Scenario.changed_at.desc(), Scenario.id.desc())).all()


def list_own_standards(session: Session) -> Sequence[OwnStandard]:
    """Return the newest version of each own standard, by key."""
    newest = (
        select(OwnStandard.key, func.max(OwnStandard.version).label("version")).group_by(OwnStandard.key).subquery()
    )
    query = select(OwnStandard).join(
        newest, (OwnStandard.key == newest.c.key) & (OwnStandard.version == newest.c.version)
    )
    return sorted(session.scalars(query), key=lambda own: own.key)  # databases sort text each in their own way


def find_own_standard(session: Session, key: str, version: int | None = None) -> OwnStandard | None:
    """Return a version of an own standard (None: the newest), if there is one."""
    if NUL in key:
        return None
    query = select(OwnStandard).where(OwnStandard.key == key).order_by(OwnStandard.version.desc()).limit(1)
    return session.scalars(query if version is None else query.where(OwnStandard.version == version)).one_or_none()


def get_schedule(session: Session, schedule_id: int) -> Schedule:
    """Return a schedule, or refuse where there is none."""
    found = session.get(Schedule, schedule_id)
    if found is None:
        raise NotFound("There is no schedule {schedule}.", schedule=schedule_id)
    return found


def list_schedules(session: Session) -> Sequence[Schedule]:
    """Return the schedules, those that still run first, then the newest first."""
    return session.scalars(select(Schedule).order_by(Schedule.stopped_at.is_not(None), Schedule.id.desc())).all()


def list_due(session: Session, day: date) -> Sequence[Schedule]:
    """Return the schedules whose question is to be asked on a day, or was to be before."""
    query = select(Schedule).where(Schedule.stopped_at.is_(None), Schedule.next_on <= day).order_by(Schedule.id)
    return session.scalars(query).all()


def has_site(session: Session, layer: str, ref: str) -> bool:
    """Return whether the register has a site of a layer, on whatever day."""
    query = select(Site.id).where(Site.layer == layer, Site.ref == ref)
    return NUL not in ref and session.scalar(query) is not None
