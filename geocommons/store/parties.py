"""Read parties, who belongs to them, and the sites that they hold."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, or_, select, tuple_
from sqlalchemy.orm import Session

from geocommons.errors import NotFound
from geocommons.model.account import Account
from geocommons.model.base import fold
from geocommons.model.party import MemberInvitation, Membership, Party, PartyMerge
from geocommons.model.site import Site
from geocommons.model.tenure import Tenure, TenureParty


def get_party(session: Session, party_id: int) -> Party:
    """Return a party, or refuse where there is none."""
    party = session.get(Party, party_id)
    if party is None:
        raise NotFound("There is no party {party}.", party=party_id)
    return party


def find_parties(session: Session, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[Party]]:
    """Return the parties known under some kinds and names; one that was merged is the party it was merged into."""
    wanted = sorted(set(keys))
    found: dict[tuple[str, str], list[Party]] = {}
    if not wanted:
        return found
    query = select(Party).where(tuple_(Party.kind, Party.name).in_(wanted)).order_by(Party.id)
    for party in session.scalars(query):
        here = found.setdefault((party.kind, party.name), [])
        if (one := kept_party(session, party)) not in here:
            here.append(one)
    return found


def kept_party(session: Session, party: Party) -> Party:
    """Return the party that a party is, after every merge."""
    while party.merged_into is not None:
        party = get_party(session, party.merged_into)
    return party


def same_parties(session: Session, party_id: int) -> list[int]:
    """Return the ids of a party and of all that were merged into it, and into those."""
    ids, next_ids = [party_id], [party_id]
    while next_ids:
        query = select(Party.id).where(Party.merged_into.in_(next_ids)).order_by(Party.id)
        next_ids = list(session.scalars(query))
        ids += next_ids
    return ids


def find_listed(session: Session, *, search: str = "", kind: str = "") -> list[int]:
    """Return the ids of the parties that are neither merged nor erased, of a kind, whose name holds a text, by name.

    Case and accents do not count. Databases each sort and search in their own way, and a register has far fewer
    parties than sites: all names are read.
    """
    query = select(Party.id, Party.name, Party.public_name).where(
        Party.merged_into.is_(None), Party.erased_at.is_(None)
    )
    query = query.where(Party.kind == kind) if kind else query
    wanted = fold(search)
    told = [(fold(name), key, fold(shown or "")) for key, name, shown in session.execute(query)]
    return [key for name, key, shown in sorted(told) if wanted in name or wanted in shown]


def list_parties(session: Session, party_ids: Sequence[int]) -> list[Party]:
    """Return parties in the order of some ids."""
    found = {party.id: party for party in session.scalars(select(Party).where(Party.id.in_(party_ids)))}
    return [found[party_id] for party_id in party_ids]


def sites_of(session: Session, party_ids: Iterable[int]) -> list[int]:
    """Return the ids of the sites that some parties hold, held or asked for."""
    held = select(Tenure.site_id).join(TenureParty, TenureParty.tenure_id == Tenure.id)
    return sorted(set(session.scalars(held.where(TenureParty.party_id.in_(list(party_ids))))))


def tenures_of(session: Session, party_id: int) -> Sequence[tuple[Tenure, Site]]:
    """Return what a party holds, held or asked for, the latest first, each with its site."""
    query = (
        select(Tenure, Site)
        .join(TenureParty, TenureParty.tenure_id == Tenure.id)
        .join(Site, Site.id == Tenure.site_id)
        .where(TenureParty.party_id == party_id)
        .order_by(Tenure.valid_from.desc(), Tenure.id)
    )
    return [(tenure, site) for tenure, site in session.execute(query)]


def member_on(day: date) -> ColumnElement[bool]:
    """Return the condition that a membership holds on a day."""
    return and_(Membership.valid_from <= day, or_(Membership.valid_to.is_(None), Membership.valid_to > day))


def led_by(session: Session, party_id: int, day: date) -> list[Party]:
    """Return the groups and organisations that a party leads on a day, and so may act for."""
    query = (
        select(Party)
        .join(Membership, Membership.group_id == Party.id)
        .where(Membership.member_id == party_id, Membership.role == "lead", member_on(day), Party.merged_into.is_(None))
    )
    return sorted(session.scalars(query), key=_by_name)


def members_of(session: Session, group_id: int, day: date) -> list[tuple[Membership, Party]]:
    """Return the members of a group on a day, those who lead it first."""
    query = (
        select(Membership, Party)
        .join(Party, Party.id == Membership.member_id)
        .where(Membership.group_id == group_id, member_on(day))
    )
    found = [(membership, party) for membership, party in session.execute(query)]
    return sorted(found, key=lambda one: (one[0].role, *_by_name(one[1])))


def _by_name(party: Party) -> tuple[str, int]:
    """Return what parties are sorted by: databases sort text each in their own way."""
    return fold(party.name), party.id


def memberships_of(session: Session, party_id: int) -> list[tuple[Membership, Party]]:
    """Return every membership of a party, past ones too, each with its group."""
    query = (
        select(Membership, Party)
        .join(Party, Party.id == Membership.group_id)
        .where(Membership.member_id == party_id)
        .order_by(Membership.valid_from.desc(), Membership.id)
    )
    return [(membership, party) for membership, party in session.execute(query)]


def find_membership(session: Session, group_id: int, member_id: int, day: date) -> Membership | None:
    """Return the membership of a party in a group on a day, if there is one."""
    query = select(Membership).where(Membership.group_id == group_id, Membership.member_id == member_id, member_on(day))
    return session.scalars(query).first()


def list_waiting(session: Session, group_id: int, now: datetime) -> Sequence[MemberInvitation]:
    """Return the invitations of a group that nobody answered yet."""
    query = select(MemberInvitation).where(
        MemberInvitation.group_id == group_id, MemberInvitation.used_at.is_(None), MemberInvitation.expires_at > now
    )
    return session.scalars(query.order_by(MemberInvitation.id)).all()


def find_account_of(session: Session, party_id: int) -> Account | None:
    """Return the login of a party, if it has one."""
    return session.scalar(select(Account).where(Account.party_id == party_id))


def list_merges(session: Session, party_id: int | None = None) -> Sequence[PartyMerge]:
    """Return the merges (that touch a party), the latest first."""
    query = select(PartyMerge).order_by(PartyMerge.id.desc())
    if party_id is not None:
        query = query.where(or_(PartyMerge.kept_id == party_id, PartyMerge.gone_id == party_id))
    return session.scalars(query).all()


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
