"""Say in words what the register knows of a site: what a panel, a page and a list row show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic.fields import FieldInfo

from api.i18n import unit_word
from geocommons.language import mark, translate
from geocommons.layer import Layer, fact_words, get_layer
from geocommons.model.base import FIRST_DAY, LAST_DAY
from geocommons.model.party import PARTY_WORDS, UNNAMED
from geocommons.model.tenure import TENURE_WORDS
from geocommons.numerals import area, day, metres, number, opening_words
from geocommons.store.sites import PublicSite

Period = tuple[date, date, dict[str, Any]]

CERTAINTY_WORDS = (
    (9, mark("Very sure: measured on the spot or taken from the official register.")),
    (6, mark("Sure: from a good source, not checked on the spot.")),
    (3, mark("Fairly sure: drawn from a map; it may be some metres off.")),
    (0, mark("Unsure: a sketch. Ask before you rely on it.")),
)


@dataclass(frozen=True)
class Holding:
    """One tenure in words."""

    who: tuple[str, ...]
    kinds: tuple[str, ...]
    type: str
    rrr: str
    cares: bool
    since: date
    until: date | None
    record: str | None
    from_m: float | None
    to_m: float | None


@dataclass(frozen=True)
class Fact:
    """One fact of a site: what it is called, what it is, and what it means."""

    label: str
    value: str
    meaning: str


@dataclass(frozen=True)
class Chapter:
    """A period in which a site's stewardship did not change; None where it has no first or last day."""

    start: date | None
    end: date | None
    status: str
    label: str
    who: tuple[str, ...]


@dataclass(frozen=True)
class Described:
    """A site in the reader's words."""

    site: PublicSite
    layer: Layer[Any]
    title: str
    kind: str
    label: str
    reason: str | None
    care: tuple[Holding, ...]
    others: tuple[Holding, ...]
    measures: tuple[Fact, ...]
    facts: tuple[Fact, ...]
    certainty: str
    duties: tuple[str, ...]
    history: tuple[Chapter, ...]


def describe(site: PublicSite, language: str, timeline: Sequence[Period] = ()) -> Described:
    """Return a site in the reader's words; `timeline` are the periods of its public life, in order."""
    layer = get_layer(site.layer)
    holdings = tuple(_holding(layer, tenure, language) for tenure in site.state.get("tenures", ()))
    reason = site.state.get("reason") or {}
    return Described(
        site=site,
        layer=layer,
        title=site.name or site.ref,
        kind=layer.one.say(language),
        label=layer.status_label(site.status, language),
        reason=reason.get(language, reason.get("en")),
        care=tuple(sorted((one for one in holdings if one.cares), key=lambda one: one.from_m or 0)),
        others=tuple(one for one in holdings if not one.cares),
        measures=_measures(site, language),
        facts=tuple(_facts(layer, site.properties.get("facts", {}), language)),
        certainty=_certainty(site.properties.get("certainty", 0), language),
        duties=tuple(duty.say(language) for duty in layer.duties),
        history=_history(layer, timeline, language),
    )


def _holding(layer: Layer[Any], tenure: dict[str, Any], language: str) -> Holding:
    return Holding(
        who=_names(tenure, language),
        kinds=tuple(PARTY_WORDS[party["party_kind"]].say(language) for party in tenure["parties"]),
        type=tenure_words(language)[tenure["type"]],
        rrr=tenure["class"],
        cares=tenure["type"] in layer.care_types,
        since=date.fromisoformat(tenure["since"]),
        until=date.fromisoformat(tenure["until"]) if tenure.get("until") else None,
        record=tenure.get("record"),
        from_m=tenure.get("from_m"),
        to_m=tenure.get("to_m"),
    )


def _names(tenure: dict[str, Any], language: str) -> tuple[str, ...]:
    """Return who holds a tenure, each with its share; who did not agree to be named is a kind of party."""
    return tuple(
        (party["party"] or UNNAMED[party["party_kind"]].say(language))
        + (f" ({party['share']})" if party.get("share") else "")
        for party in tenure["parties"]
    )


def tenure_words(language: str) -> dict[str, str]:
    """Return what each type of tenure is called."""
    return {type: words.say(language).capitalize() for type, words in TENURE_WORDS.items()}


def stewards(site: PublicSite, language: str) -> str:
    """Return who cares for a site, in one line; "" for nobody."""
    layer = get_layer(site.layer)
    caring = [tenure for tenure in site.state.get("tenures", ()) if tenure["type"] in layer.care_types]
    return ", ".join(dict.fromkeys(name for tenure in caring for name in _names(tenure, language)))


def size(site: PublicSite, language: str) -> str:
    """Return how large a site is, in one short text; "" for a point."""
    return ", ".join(measure.value for measure in _measures(site, language))


def _measures(site: PublicSite, language: str) -> tuple[Fact, ...]:
    measures = []
    if (area_m2 := site.properties.get("area_m2")) is not None:
        measures.append(Fact(translate(mark("Area"), language), area(area_m2, language), ""))
    if (length_m := site.properties.get("length_m")) is not None:
        measures.append(Fact(translate(mark("Length"), language), metres(length_m, language), ""))
    return tuple(measures)


def _facts(layer: Layer[Any], facts: dict[str, Any], language: str) -> Iterable[Fact]:
    for name, field in layer.facts.model_fields.items():
        value = facts.get(name)
        if value is not None and value != "":
            yield Fact(fact_label(field, name, language), _value(field, value, language), field.description or "")


def fact_label(field: FieldInfo, name: str, language: str) -> str:
    """Return what a fact is called in a language, or in English where its layer did not translate it."""
    return fact_words(field, name).say(language)


def _value(field: FieldInfo, value: Any, language: str) -> str:
    extra = _extra(field)
    if isinstance(value, bool):
        return translate(mark("Yes") if value else mark("No"), language)
    if isinstance(value, int | float):
        # A year is a name, not a quantity.
        text = str(value) if "year" in (field.title or "").lower() else number(value, language, 1)
        return f"{text} {unit_word(extra['unit'])}" if extra.get("unit") else text
    if isinstance(value, str) and _is_day(field):
        return day(value, language)
    if extra.get("written_as") == "opening_hours":
        return opening_words(str(value), language)
    return str(extra.get(f"{language}_values", {}).get(value, value))


def _is_day(field: FieldInfo) -> bool:
    return "date" in str(field.annotation)


def _extra(field: FieldInfo) -> dict[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _certainty(certainty: int, language: str) -> str:
    return next(translate(words, language) for least, words in CERTAINTY_WORDS if certainty >= least)


def _history(layer: Layer[Any], timeline: Sequence[Period], language: str) -> tuple[Chapter, ...]:
    """Return the periods of a site's life, the latest first; neighbours that read the same are one."""
    chapters: list[Chapter] = []
    for start, end, state in timeline:
        care = [tenure for tenure in state.get("tenures", ()) if tenure["type"] in layer.care_types]
        chapter = Chapter(
            start=None if start == FIRST_DAY else start,
            end=None if end == LAST_DAY else end,
            status=state["status"],
            label=layer.status_label(state["status"], language),
            who=tuple(dict.fromkeys(name for tenure in care for name in _names(tenure, language))),
        )
        if chapters and (chapters[-1].status, chapters[-1].who) == (chapter.status, chapter.who):
            chapter = Chapter(chapters.pop().start, chapter.end, chapter.status, chapter.label, chapter.who)
        chapters.append(chapter)
    return tuple(reversed(chapters))
