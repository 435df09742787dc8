"""Write the public rows of sites anew, whenever their facts, tenures or consents have changed."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from geocommons.layer import all_layers
from geocommons.model.base import FIRST_DAY
from geocommons.model.geom import to_column
from geocommons.model.geometry_text import geometry_texts
from geocommons.model.party import ConsentUse, Party
from geocommons.model.public import Piece, State, fragments_of, public_name, states_of
from geocommons.model.site import Site, SiteState, StretchState
from geocommons.store.bulk import bulk_insert, one_of, update_rows
from geocommons.store.care import obligations_of
from geocommons.store.parties import kept_party
from geocommons.store.stewardship import list_tenures, record_refs

SITES_AT_ONCE = 2_000
PARTIES_AT_ONCE = 2_000


class Publication(NamedTuple):
    """All that is public of a site: its fragment and one of its states are its public GeoJSON Feature.

    Of a site whose layer no package brings nothing is public, for nobody can say what of it may be.
    """

    site: Site
    fragment: str
    states: list[State]
    pieces: list[Piece]


def republish(session: Session, site_ids: Iterable[int]) -> int:
    """Write the public rows of some sites, and return how many sites that were."""
    count = 0
    for ids in _batches(site_ids):
        publications = _publications(session, ids)
        _replace(session, publications)
        count += len(publications)
    return count


def names_of(session: Session, party_ids: Iterable[int], use: ConsentUse) -> dict[int, str | None]:
    """Return how some parties may be named now in a kind of place; None where one may not be named, or is gone.

    Findings that are kept hold the numbers of parties only, and ask for their names whenever they are shown: then
    whoever withdrew or was erased is gone from old findings too. A party that was merged is the one it became.
    """
    every = sorted(set(party_ids))
    known: dict[int, Party] = {}
    for start in range(0, len(every), PARTIES_AT_ONCE):
        some = select(Party).where(Party.id.in_(every[start : start + PARTIES_AT_ONCE]))
        known |= {party.id: party for party in session.scalars(some)}
    return {
        party_id: public_name(kept_party(session, known[party_id]), use) if party_id in known else None
        for party_id in every
    }


def list_site_ids(session: Session, layer_id: str | None = None) -> list[int]:
    """Return the id of every site (of a layer), retired ones too."""
    query = select(Site.id).order_by(Site.id)
    return list(session.scalars(query.where(Site.layer == layer_id) if layer_id else query))


def find_stale(session: Session, site_ids: Iterable[int]) -> list[int]:
    """Return the sites whose stored public rows are not what they would be if written now."""
    stale = []
    for ids in _batches(site_ids):
        stored_states = _stored_states(session, ids)
        for site, fragment, states, _ in _publications(session, ids):
            stored = stored_states.get(site.id, [])
            if site.state_from < site.state_to:
                stored = sorted([*stored, State(site.state_from, site.state_to, site.status, site.state)])
            if site.fragment != fragment or stored != states:
                stale.append(site.id)
    return stale


def _batches(site_ids: Iterable[int]) -> Iterator[list[int]]:
    ids = sorted(set(site_ids))
    return (ids[start : start + SITES_AT_ONCE] for start in range(0, len(ids), SITES_AT_ONCE))


def _stored_states(session: Session, ids: Sequence[int]) -> dict[int, list[State]]:
    columns = (SiteState.site_id, SiteState.valid_from, SiteState.valid_to, SiteState.status, SiteState.state)
    query = (
        select(*columns)
        .where(one_of(session, SiteState.site_id, ids))
        .order_by(SiteState.site_id, SiteState.valid_from)
    )
    found: dict[int, list[State]] = {}
    for row in session.execute(query):
        found.setdefault(row.site_id, []).append(State(*row[1:]))
    return found


def _publications(session: Session, ids: Sequence[int]) -> list[Publication]:
    tenures, duties = list_tenures(session, ids), obligations_of(session, ids)
    records = record_refs(session, (tenure.record_id for held in tenures.values() for tenure in held))
    sites = session.scalars(select(Site).where(one_of(session, Site.id, ids)).order_by(Site.id)).all()
    fragments = fragments_of(sites, geometry_texts(np.array([site.geom for site in sites], dtype=object)))
    found = []
    for site, fragment in zip(sites, fragments, strict=True):
        held, due = tenures.get(site.id, []), duties.get(site.id, [])
        layer = all_layers().get(site.layer)
        states, pieces = states_of(layer, site, held, due, records=records) if layer else ([], [])
        found.append(Publication(site, fragment, states, pieces))
    return found


def _replace(session: Session, publications: Sequence[Publication]) -> None:
    ids = [publication.site.id for publication in publications]
    for table in (SiteState, StretchState):
        gone = delete(table).where(one_of(session, table.site_id, ids))
        session.execute(gone, execution_options={"synchronize_session": False})
    day = session.info["clock"]().date()
    session.flush()
    # Unnoted: it is derived from what is noted.
    public = [{"key": one.site.id, "fragment": one.fragment} | _standing(one, day) for one in publications]
    update_rows(session, Site, public)
    states = (
        (one.site.id, state.valid_from.isoformat(), state.valid_to.isoformat(), state.status, state.state)
        for one in publications
        for state in one.states
        if not _holds(state, day)
    )
    bulk_insert(session, SiteState, ("site_id", "valid_from", "valid_to", "status", "state"), states)
    _insert_stretches(session, [(one.site.id, piece) for one in publications for piece in one.pieces])


def _standing(publication: Publication, day: date) -> dict[str, Any]:
    """Return the state of a site's own row: that of a day, if the site is there then."""
    for state in publication.states:
        if _holds(state, day):
            period = {"state_from": state.valid_from, "state_to": state.valid_to}
            return {"state": state.state, "status": state.status} | period
    return {"state": "", "status": "", "state_from": FIRST_DAY, "state_to": FIRST_DAY}


def _holds(state: State, day: date) -> bool:
    return state.valid_from <= day < state.valid_to


def _insert_stretches(session: Session, pieces: Sequence[tuple[int, Piece]]) -> None:
    dialect = session.get_bind().dialect.name
    rows = (
        (
            site_id,
            piece.valid_from.isoformat(),
            piece.valid_to.isoformat(),
            piece.from_m,
            piece.to_m,
            piece.status,
            to_column(piece.geom, dialect),
        )
        for site_id, piece in pieces
    )
    columns = ("site_id", "valid_from", "valid_to", "from_m", "to_m", "status", "geom")
    bulk_insert(session, StretchState, columns, rows)
