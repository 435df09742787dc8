"""Read and add parties, and the tenures that tie them to sites."""

from collections.abc import Iterable

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from geocommons.model.party import Party
from geocommons.model.site import Site


def find_parties(session: Session, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Party]:
    """Return the parties known under some kinds and names."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    found = session.scalars(select(Party).where(tuple_(Party.kind, Party.name).in_(wanted)))
    return {(party.kind, party.name): party for party in found}


def find_sites(session: Session, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Site]:
    """Return the sites known under some layers and refs."""
    by_layer: dict[str, list[str]] = {}
    for layer, ref in sorted(set(keys)):
        by_layer.setdefault(layer, []).append(ref)
    found: dict[tuple[str, str], Site] = {}
    for layer, refs in by_layer.items():
        for site in session.scalars(select(Site).where(Site.layer == layer, Site.ref.in_(refs))):
            found[layer, site.ref] = site
    return found
