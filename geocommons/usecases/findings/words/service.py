"""Words that findings of several kinds share: what serves, how far, and who."""

from collections.abc import Mapping, Sequence
from typing import Any

from geocommons.language import mark, translate, translate_plural
from geocommons.layer import all_layers
from geocommons.numerals import number
from geocommons.usecases.findings.document import MapLayer

FEW_PEOPLE = 50
GROUP_WORDS = {
    "children": mark("Children"),
    "older": mark("Older people"),
    "low_income": mark("Low income"),
    "no_car": mark("No car"),
}

STATE_WORDS = {
    "served": mark("within reach"),
    "kept": mark("within reach on both days"),
    "unserved": mark("out of reach"),
    "unreached": mark("within reach of no candidate"),
    "gained": mark("came within reach"),
    "lost": mark("fell out of reach"),
    "not_assessed": mark("not assessed"),
    "hot": mark("high figures together"),
    "cold": mark("low figures together"),
    "HH": mark("high among high"),
    "LL": mark("low among low"),
    "HL": mark("high among low"),
    "LH": mark("low among high"),
    "neither": mark("neither"),
    "island": mark("no neighbours"),
    "excluded": mark("left out"),
    "lapsed": mark("lapsed"),
    "overdue": mark("something is overdue"),
    "lapsing": mark("lapses soon"),
    "one_person": mark("hangs on one person"),
    "waiting": mark("waits for a steward"),
    "new": mark("new"),
    "gone": mark("gone"),
}
"""What the words of outputs are called on a map, in the order of its legend; kinds may name further ones."""


def state_word(state: str, language: str) -> str:
    """Return what a word of an output is called."""
    return translate(STATE_WORDS[state], language) if state in STATE_WORDS else state.replace("_", " ")


def reach_words(params: Mapping[str, Any], language: str) -> str:
    """Return what "within reach" means in a run."""
    if params.get("minutes") and params.get("method") != "straight":
        minutes = float(params["minutes"])
        sentence = translate_plural(mark("{minutes} minute’s walk"), mark("{minutes} minutes’ walk"), minutes, language)
        return sentence.format(minutes=number(minutes, language, 1))
    metres = number(float(params.get("reach_m") or 0), language, 1)
    straight = params.get("method") == "straight"
    sentence = mark("{metres} m in a straight line") if straight else mark("{metres} m on foot")
    return translate(sentence, language).format(metres=metres)


def distance_words(params: Mapping[str, Any]) -> str:
    """Return the sentence on how distances were measured."""
    if params.get("method") == "straight":
        return mark("Distances are straight lines from where people live to the edge of the nearest site.")
    return mark(
        "Distances are walks along the street network, from where people live to where a street meets the nearest site."
    )


def supply_words(supply: Sequence[str], language: str) -> str:
    """Return the layers whose sites serve people, as the end of a sentence."""
    titles = [all_layers()[layer].title.say(language).lower() for layer in supply if layer in all_layers()]
    return ", ".join(titles)


def layer_word(layer_id: str, language: str) -> str:
    """Return what a layer is called; one that is gone keeps its id."""
    return all_layers()[layer_id].title.say(language) if layer_id in all_layers() else layer_id


def site_word(layer_id: str, language: str) -> str:
    """Return what one site of a layer is called; of one that is gone it is the id of the layer."""
    return all_layers()[layer_id].one.say(language) if layer_id in all_layers() else layer_id


def group_word(name: str, language: str) -> str:
    """Return what a group of people is called."""
    plain = name.removeprefix("group_")
    return translate(GROUP_WORDS[plain], language) if plain in GROUP_WORDS else plain.replace("_", " ").capitalize()


def district_word(name: str | None, language: str) -> str:
    """Return what a district is called; people outside every district are "outside all districts"."""
    return name if name not in (None, "", "null", "None") else translate(mark("outside all districts"), language)


def nearest_words(nearest: Mapping[str, Any] | None) -> str | None:
    """Return the name of a nearest site, or its ref where it has none."""
    return (nearest["name"] or nearest["ref"]) if nearest else None


def assessed_words(not_assessed: float | None, language: str) -> str:
    """Return how many people could not be assessed, for none of them too: nobody has to wonder."""
    if not not_assessed:
        return translate(mark("Everybody could be assessed."), language)
    told = mark(
        "{people} people live more than 200 m from any street that is known; they are counted as not assessed, "
        "never as served."
    )
    return translate(told, language).format(people=number(not_assessed, language))


def unreachable_words(people: float, sites: int, language: str) -> tuple[str, ...]:
    """Return of how many people out of reach no way leads to any site, if of any; or that there is no site."""
    if not sites:
        return (translate(mark("The register has no such site on this day, so nobody can be served."), language),)
    told = mark("{people} of the people out of reach live where no street leads to any site.")
    return (translate(told, language).format(people=number(people, language)),) if people else ()


def demand_layer(language: str) -> MapLayer:
    """Return how a map draws people: who is within reach of a site, who is not, and of whom that is not known."""
    words = tuple((state, state_word(state, language)) for state in ("served", "unserved", "not_assessed"))
    title = translate(mark("People and their nearest site"), language)
    return MapLayer("demand", title, "states", value="state", words=words)
