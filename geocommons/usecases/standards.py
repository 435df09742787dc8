"""Standards of service: the published ones, and a city's own, which are kept in versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from geocommons.analysis.service.standards import STANDARDS, Standard
from geocommons.errors import Conflict, InvalidInput, NotFound
from geocommons.model.desk import OwnStandard
from geocommons.store.desk import find_own_standard, list_own_standards
from geocommons.store.engine import Store


def list_standards(session: Session) -> list[Standard]:
    """Return the published standards, then the newest version of each of the city's own."""
    return [*STANDARDS.values(), *(Standard.from_json(own.body) for own in list_own_standards(session))]


def find_standard(session: Session, key: str) -> Standard:
    """Return a standard: a published one, or the newest version of the city's own; refuse with those there are."""
    if key in STANDARDS:
        return STANDARDS[key]
    own = find_own_standard(session, key)
    if own is None:
        known = ", ".join(standard.id for standard in list_standards(session))
        raise NotFound("There is no standard “{standard}”. There are: {known}.", standard=key, known=known)
    return Standard.from_json(own.body)


def keep_standard(store: Store, body: Mapping[str, Any], *, now: datetime) -> OwnStandard:
    """Keep a standard of the city's own as the newest version of its id; what it says already is not kept again."""
    standard = Standard.from_json(body)
    if not standard.id.isprintable():
        raise InvalidInput("The id of a standard has signs that nobody sees. Leave them out.")
    if standard.id in STANDARDS:
        raise Conflict("“{standard}” is a published standard. Give yours another id.", standard=standard.id)
    with store.writing() as session:
        newest = find_own_standard(session, standard.id)
        if newest is not None and newest.body == standard.to_json():
            return newest
        made = OwnStandard(
            key=standard.id, version=newest.version + 1 if newest else 1, body=standard.to_json(),
            made_by=store.actor.account_id, made_at=now,
        )  # fmt: skip
        session.add(made)
        session.flush()
        return made
