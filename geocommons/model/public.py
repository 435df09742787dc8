"""Write the public face of a site: the one place that decides what anybody may see of it."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import orjson
import shapely
from pydantic import BaseModel

from geocommons.crs import geodesic_length_m
from geocommons.layer import Layer, all_layers
from geocommons.linear import substrings_by_measure
from geocommons.model.base import FIRST_DAY, LAST_DAY
from geocommons.model.json_text import join_members, member_texts, object_texts
from geocommons.model.obligation import Obligation
from geocommons.model.party import ConsentUse, Party
from geocommons.model.site import Site
from geocommons.model.tenure import IN_FORCE, Tenure, share_ground

_AVAILABLE = ',"status":"available"}}'

Period = tuple[date, date]
"""First day, and the day after the last."""


class State(NamedTuple):
    """What the public sees of a site from a day up to, not including, another: a row of `SiteState` but its site."""

    valid_from: date
    valid_to: date
    status: str
    state: str


class Piece(NamedTuple):
    """The same of a stretch of a measured line: a row of `StretchState` but its site."""

    valid_from: date
    valid_to: date
    from_m: float
    to_m: float
    status: str
    geom: shapely.Geometry


@cache
def public_fact_names(facts: type[BaseModel]) -> tuple[str, ...]:
    """Return the names of a layer's facts that are not private."""
    fields = facts.model_fields.items()
    return tuple(name for name, field in fields if not _extra(field.json_schema_extra).get("private"))


def _extra(extra: Any) -> dict[str, Any]:
    return extra if isinstance(extra, dict) else {}


def fragment_texts(
    layer: Layer[Any], *, id: Sequence[int], ref: Sequence[Any], name: Sequence[str],
    facts: Mapping[str, Sequence[str]], geometry: Sequence[str], area_m2: Sequence[float | None],
    length_m: Sequence[float | None], certainty: Sequence[Any], parent_id: Sequence[int | None],
) -> list[str]:  # fmt: skip
    """Return the public GeoJSON Feature of each site as text, up to its stewardship: its properties are still open.

    `geometry` is GeoJSON text, `facts` the members of the facts by name (`member_texts`): private ones are left out.
    """
    model: type[BaseModel] = layer.facts
    shown = [facts[fact] for fact in public_fact_names(model) if fact in facts]
    members = (
        member_texts("layer", [layer.id]) * len(ref),
        member_texts("ref", ref),
        member_texts("name", name),
        member_texts("area_m2", _to_one_decimal(area_m2)),
        member_texts("length_m", _to_one_decimal(length_m)),
        member_texts("certainty", certainty),
        member_texts("parent", parent_id),
        object_texts(shown, len(ref), before='"facts":'),
    )
    return [
        f'{{"type":"Feature","id":{number},"geometry":{shape},"properties":{{{own}'
        for number, shape, own in zip(id, geometry, join_members(members, len(ref)), strict=True)
    ]


def _to_one_decimal(measures: Sequence[float | None]) -> Sequence[float | None]:
    rounded: list[float | None] = np.round(np.array(measures, dtype=float), 1).tolist()
    if None not in measures:
        return rounded
    return [None if measure is None else short for measure, short in zip(measures, rounded, strict=True)]


def state_text(state: dict[str, Any]) -> str:
    """Return what follows the fragment of a site: the members of a state, and the end of the Feature."""
    return f",{orjson.dumps(state).decode()[1:]}}}"


def read_fragment(fragment: str) -> dict[str, Any]:
    """Return the Feature that a fragment begins, without its stewardship."""
    feature: dict[str, Any] = orjson.loads(f"{fragment}}}}}")
    return feature


def read_state(text: str) -> dict[str, Any]:
    """Return the state that `state_text` wrote."""
    state: dict[str, Any] = orjson.loads(f"{{{text[1:-1]}")
    return state


def fragments_of(sites: Sequence[Site], geometry: Sequence[str]) -> list[str]:
    """Return the fragments of sites of any layers, "" for one of no layer; `geometry` is theirs, as GeoJSON text."""
    found = [""] * len(sites)
    for layer in filter(None, map(all_layers().get, {site.layer for site in sites})):
        rows = [row for row, site in enumerate(sites) if site.layer == layer.id]
        own = [sites[row] for row in rows]
        told = {
            name: [getattr(site, name) for site in own]
            for name in ("id", "ref", "name", "area_m2", "length_m", "certainty", "parent_id")
        }
        model: type[BaseModel] = layer.facts
        facts = {
            fact: member_texts(fact, [(site.facts or {}).get(fact) for site in own])
            for fact in public_fact_names(model)
        }
        texts = fragment_texts(layer, geometry=[geometry[row] for row in rows], facts=facts, **told)
        for row, text in zip(rows, texts, strict=True):
            found[row] = text
    return found


def states_of(
    layer: Layer[Any], site: Site, tenures: Sequence[Tenure], duties: Sequence[Obligation] = (), *,
    records: dict[int, str],
) -> tuple[list[State], list[Piece]]:  # fmt: skip
    """Return the states of a site, and of its stretches, from its facts, all its tenures, and what is due at it.

    `records` gives the refs of the tenures' records by id.
    """
    reason = layer.refusal(layer.facts.model_construct(**site.facts))
    seen = [tenure for tenure in tenures if tenure.status in (*IN_FORCE, "requested")]
    states: list[State] = []
    pieces: list[Piece] = []
    overdue = _overdue(duties)
    for start, end in _periods(layer, site, seen, overdue):
        here = [tenure for tenure in seen if tenure.starts <= start < tenure.ends]
        late = any(first <= start < last for first, last in overdue)
        status = status_of(layer, here, seen, start, refused=reason is not None, late=late)
        state: dict[str, Any] = {"status": status}
        if status == "not_adoptable" and reason is not None:
            state["reason"] = dict(reason)
        if held := [public_tenure(tenure, records) for tenure in here if tenure.status in IN_FORCE]:
            state["tenures"] = held
        states.append(State(start, end, status, state_text(state)))
        if layer.measured:
            pieces += _stretches(layer, site, here, seen, (start, end), refused=reason is not None, late=late)
    return states, pieces


def first_state(layer: Layer[Any], facts: Any) -> tuple[str, str]:
    """Return the status and the stored state of a place that nobody holds or asked for yet."""
    reason = layer.refusal(facts)
    if reason is None:
        return "available", _AVAILABLE
    return "not_adoptable", state_text({"status": "not_adoptable", "reason": dict(reason)})


def public_name(party: Party, use: ConsentUse = "map") -> str | None:
    """Return the name that anybody may read in a kind of place, or None where the party did not agree to that.

    Consent counts as it stands now, for every day: one that is withdrawn hides the name in the past too.
    """
    return (party.public_name or party.name or None) if party.agrees_to(use) else None


def public_tenure(tenure: Tenure, records: dict[int, str]) -> dict[str, Any]:
    """Return what anybody may see of a tenure; a party that did not consent is a kind without a name."""
    parties: list[dict[str, str | None]] = [
        {"party": public_name(link.party), "party_kind": link.party.kind} | _share(link.share_num, link.share_den)
        for link in tenure.parties
    ]
    all_named = all(link.party.agrees_to("map") for link in tenure.parties)
    shown: dict[str, Any] = {
        "class": tenure.rrr,
        "type": tenure.type,
        "parties": parties,
        "since": tenure.valid_from,
        "until": tenure.valid_to,
        "record": records.get(tenure.record_id) if all_named else None,
    }
    if tenure.from_m is not None:
        shown |= {"from_m": tenure.from_m, "to_m": tenure.to_m}
    return shown


def _share(num: int, den: int) -> dict[str, str | None]:
    return {"share": f"{num}/{den}"} if num != den else {}


def status_of(
    layer: Layer[Any], here: Sequence[Tenure], every: Sequence[Tenure], day: date, *, refused: bool, late: bool = False
) -> str:
    """Return the public status of a place on a day, given the tenures there on that day and all its tenures.

    `late` says that something which was due at it is not done.
    """
    care = [tenure for tenure in here if tenure.status in IN_FORCE and tenure.type in layer.care_types]
    if care:
        lapsing = all(_lapses(layer, tenure, every, day) for tenure in care)
        return "lapsing" if lapsing else "needs_help" if late else "cared_for"
    if refused:
        return "not_adoptable"
    return "requested" if any(tenure.status == "requested" for tenure in here) else "available"


def _lapses(layer: Layer[Any], tenure: Tenure, every: Sequence[Tenure], day: date) -> bool:
    if tenure.valid_to is None or day < tenure.valid_to - timedelta(days=layer.lapsing_days):
        return False
    return not any(
        other.type in layer.care_types and other.starts <= tenure.valid_to < other.ends and share_ground(other, tenure)
        for other in every
        if other.status in IN_FORCE
    )


def _overdue(duties: Iterable[Obligation]) -> list[Period]:
    """Return when something that was due was not done: from the day after it was due up to, not including, the day."""
    spans = [(due, done or LAST_DAY) for duty in duties for due, done in duty.spans if due < LAST_DAY]
    return [(due + timedelta(days=1), done) for due, done in spans if due < done]


def _periods(layer: Layer[Any], site: Site, tenures: Iterable[Tenure], overdue: Iterable[Period]) -> list[Period]:
    """Cut the life of a site at every day on which its public state may change."""
    born, died = site.since or FIRST_DAY, site.until or LAST_DAY
    cuts = {born, died, *itertools.chain.from_iterable(overdue)}
    for tenure in tenures:
        cuts |= {tenure.starts, tenure.ends}
        if tenure.valid_to is not None and tenure.type in layer.care_types:
            cuts.add(max(tenure.starts, tenure.valid_to - timedelta(days=layer.lapsing_days)))
    days = sorted(day for day in cuts if born <= day <= died)
    return list(itertools.pairwise(days))


def _stretches(
    layer: Layer[Any],
    site: Site,
    here: Sequence[Tenure],
    every: Sequence[Tenure],
    period: tuple[date, date],
    *,
    refused: bool,
    late: bool,
) -> list[Piece]:
    """Cut a measured line where its stewardship changes, and say what each piece is during the period."""
    length_m = site.length_m or geodesic_length_m(site.geom)
    cuts = {0.0, length_m}
    for tenure in here:
        cuts |= {min(max(at, 0.0), length_m) for at in (tenure.from_m, tenure.to_m) if at is not None}
    marks = np.array(sorted(cuts))
    whole = np.zeros(len(marks) - 1, dtype=np.intp)
    shapes = substrings_by_measure([site.geom], [length_m], whole, marks[:-1], marks[1:])
    pieces = []
    for from_m, to_m, shape in zip(marks[:-1].tolist(), marks[1:].tolist(), shapes, strict=True):
        middle = (from_m + to_m) / 2
        on_it = [tenure for tenure in here if _holds(tenure, middle)]
        around = [tenure for tenure in every if _holds(tenure, middle)]
        status = status_of(layer, on_it, around, period[0], refused=refused, late=late)
        pieces.append(Piece(*period, from_m, to_m, status, shape))
    return pieces


def _holds(tenure: Tenure, at_m: float) -> bool:
    return tenure.from_m is None or tenure.to_m is None or tenure.from_m <= at_m < tenure.to_m
