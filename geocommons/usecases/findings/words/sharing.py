"""Words that findings of crowding and of fairness share: amounts, formulas with their sources, weights."""

from collections.abc import Callable, Mapping
from typing import Any

from geocommons.language import Say, Words, mark, translate
from geocommons.numerals import number
from geocommons.usecases.findings.words.names import some_names

FORMULAS: Mapping[str, str] = {
    "2sfca": mark(
        "Two-step floating catchment area (2SFCA; Luo & Wang 2003): what a site has is divided by everybody within "
        "reach of it; each person adds up the parts of all sites within reach."
    ),
    "e2sfca": mark(
        "Enhanced two-step floating catchment area (E2SFCA; Luo & Qi 2009): what a site has is divided by everybody "
        "within reach of it, who count less the farther they live; each person adds up the parts of all sites within "
        "reach, weighed alike."
    ),
    "3sfca": mark(
        "Three-step floating catchment area (3SFCA; Wan, Zou & Sternberg 2012): people first divide themselves among "
        "the sites within reach, by how near they are; then as E2SFCA."
    ),
    "m2sfca": mark(
        "Modified two-step floating catchment area (M2SFCA; Delamater 2013): as E2SFCA, but what is far is also of "
        "less use, so that part of what a site has serves nobody."
    ),
    "i2sfca": mark(
        "Inverted two-step floating catchment area (i2SFCA; Wang 2018): the people of each place are divided among the "
        "sites within reach; a site adds up who comes. What people have is by 2SFCA with the same weights."
    ),
    "raam": mark(
        "Rational agent access model (RAAM; Saxon & Snow 2020): everybody goes where walk and queue cost least "
        "together, until nobody gains by going elsewhere. 1 is a queue of average length; low is good."
    ),
    "fca": mark(
        "Floating catchment area ratio (FCA; Luo 2004): what is within reach of a person, by the people within reach "
        "of that person. People farther off who share the same sites do not count."
    ),
}
"""What each formula does, with its source."""
WEIGHTS: Mapping[str, str] = {
    "binary": mark("Within {reach} m distance does not count; beyond, a site counts for nothing."),
    "gaussian": mark("A site counts less by a Gaussian curve: for half at {half} m, for nothing beyond {reach} m."),
    "exponential": mark(
        "A site counts less by an exponential curve: for half at {half} m, for nothing beyond {reach} m."
    ),
    "power": mark(
        "A site counts in full up to 100 m, then less by the inverse power {exponent} of the distance, for nothing "
        "beyond {reach} m."
    ),
    "steps": mark("A site counts by steps: {steps}; for nothing beyond."),
}
EACH: Mapping[str, str] = {
    "plots": mark("{amount} plots for 1,000 people"),
    "area": mark("{amount} m² for each person"),
    "hours": mark("{amount} hours of care for 1,000 people"),
    "sites": mark("{amount} sites for 10,000 people"),
}
HEADS: Mapping[str, str] = {
    "plots": mark("Plots for 1,000 people"),
    "area": mark("m² for each person"),
    "hours": mark("Hours of care for 1,000 people"),
    "sites": mark("Sites for 10,000 people"),
}
CONSERVED = ("2sfca", "e2sfca", "3sfca", "i2sfca", "raam")


def amount_words(value: float | None, language: str) -> str:
    """Return an amount with as many decimals as tell something: two below 10, one below 100."""
    if value is None:
        return "–"
    return number(value, language, 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0)


def tidy(value: float | None) -> float | None:
    """Return an amount as `amount_words` writes it, for a cell."""
    return None if value is None else round(value, 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0)


def standard_words(result: Mapping[str, Any], language: str) -> tuple[str, ...]:
    """Return by which standard a site is within reach, if by one: by the widest of its tests."""
    if not result["standard"]:
        return ()
    told = translate(
        mark("Within reach is as “{standard}” has it; of several tests that with the longest way."), language
    )
    return (told.format(standard=Words(**result["standard"]).say(language)),)


def hours_words(result: Mapping[str, Any], say: Say) -> tuple[str, ...]:
    """Return which hours of care sites have to share, if hours are what is shared."""
    if result["measure"] != "hours":
        return ()
    told = mark(
        "Hours are those of everybody who gave care at a site in the 365 days up to and with that day; 0 where no care "
        "is noted."
    )
    return (say(told),)


def weight_words(weights: Mapping[str, Any], language: str) -> str:
    """Return how distance counted, with every figure."""
    one = translate(mark("{weight} up to {metres} m"), language)
    steps = "; ".join(
        one.format(weight=number(weight, language, 3), metres=number(edge, language, 1))
        for edge, weight in weights.get("steps", ())
    )
    return translate(WEIGHTS[weights["kind"]], language).format(
        steps=steps,
        reach=number(weights["reach_m"], language, 1),
        half=number(weights.get("half_m") or 0, language, 1),
        exponent=number(weights.get("exponent") or 1, language, 2),
    )


def share_out_words(result: Mapping[str, Any], amount: Callable[[float], str], most_names: int, say: Say) -> list[str]:
    """Return what becomes of supply that reaches nobody, or that distance keeps from people."""
    found = []
    if result["unreached"]:
        names = some_names(result["unreached"], most_names, say)
        found.append(say(mark("Nobody lives within reach of these sites: {sites}."), sites=names))
    if result["lost"] and result["formula"] in CONSERVED:
        told = mark("Of {all}, {delivered} come to people and {lost} to nobody; the two add up.")
        figures = {"all": "supply_total", "delivered": "delivered", "lost": "lost"}
        found.append(say(told, **{name: amount(result[key]) for name, key in figures.items()}))
    if result["formula"] == "m2sfca" and result["layout_loss"]:
        told = mark("Of {all}, distance keeps {loss} from people, because sites lie far from where they live.")
        found.append(say(told, all=amount(result["supply_total"]), loss=amount(result["layout_loss"])))
    return found
