"""Put the results of runs in the reader's words, in the order that pages show them."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from api.i18n import number, translate_plural
from geocommons.language import mark, translate
from geocommons.layer import all_layers
from geocommons.model.run import Run

OUTPUTS = {"coverage": "demand", "gaps": "gaps", "rivers": "free"}
"""The output of each analysis that the map draws."""

GROUP_WORDS = {
    "children": mark("Children"),
    "older": mark("Older people"),
    "low_income": mark("Low income"),
    "no_car": mark("No car"),
}
OUTPUT_WORDS = {
    "demand": mark("People and their nearest site"),
    "gaps": mark("Gaps"),
    "free": mark("Free stretches"),
    "adopted": mark("Adopted stretches"),
}
FEW_PEOPLE = 50


def reach_words(params: dict[str, Any], language: str) -> str:
    """Return what "within reach" means in a run."""
    if params.get("minutes") and params.get("method") != "straight":
        minutes = float(params["minutes"])
        sentence = translate_plural(mark("{minutes} minute’s walk"), mark("{minutes} minutes’ walk"), minutes, language)
        return sentence.format(minutes=number(minutes, language, 1))
    metres = number(float(params.get("reach_m") or 0), language, 1)
    straight = params.get("method") == "straight"
    sentence = mark("{metres} m in a straight line") if straight else mark("{metres} m on foot")
    return translate(sentence, language).format(metres=metres)


def supply_words(supply: Sequence[str], language: str) -> str:
    """Return the layers whose sites serve people, as the end of a sentence."""
    titles = [all_layers()[layer].title.say(language).lower() for layer in supply if layer in all_layers()]
    return ", ".join(titles)


def output_words(name: str, language: str) -> str:
    """Return what an output of a run is called."""
    return translate(OUTPUT_WORDS[name], language) if name in OUTPUT_WORDS else name


def coverage(session: Session, run: Run, language: str) -> dict[str, Any]:
    """Return what the page of a coverage shows."""
    result = run.result
    districts = sorted(
        _parts(result.get("districts"), language), key=lambda part: (part[1]["share"] is None, part[1]["share"] or 0)
    )
    groups = [(_group_word(name, language), part) for name, part in (result.get("groups") or {}).items()]
    lived_in = [part for part in districts if part[1]["people"] >= FEW_PEOPLE]
    return {
        "result": result,
        "districts": districts,
        "groups": groups,
        "worst": lived_in[0] if lived_in else None,
        "few": any(part["people"] < FEW_PEOPLE for _, part in districts + groups),
        "quantiles": sorted((int(share), metres) for share, metres in (result.get("quantiles_m") or {}).items()),
    }


def gaps(session: Session, run: Run, language: str) -> dict[str, Any]:
    """Return what the page of gaps shows."""
    found = [
        gap | {"district": gap.get("district") or None, "nearest_words": _nearest(gap.get("nearest"))}
        for gap in run.result.get("gaps", [])
    ]
    return {"result": run.result, "gaps": found, "gap_people": run.result.get("totals", {}).get("unserved", 0)}


def rivers(session: Session, run: Run, language: str) -> dict[str, Any]:
    """Return what the page of rivers shows."""
    every = run.result.get("rivers", [])
    free = [
        {"id": river["id"], "name": river["name"] or river["ref"], "from_m": start, "to_m": end}
        for river in every
        for start, end in river["free"]
    ]
    districts = run.result.get("districts") or {}
    return {
        "result": run.result,
        "rivers": every,
        "districts": [{"id": None, "ref": "", "name": name or None} | part for name, part in districts.items()],
        "total": run.result["totals"],
        "free": sorted(free, key=lambda stretch: stretch["from_m"] - stretch["to_m"]),
    }


FINDINGS: dict[str, Callable[[Session, Run, str], dict[str, Any]]] = {
    "coverage": coverage, "gaps": gaps, "rivers": rivers,
}  # fmt: skip


def _parts(parts: dict[str, Any] | None, language: str) -> list[tuple[str, dict[str, Any]]]:
    outside = translate(mark("outside all districts"), language)
    return [(name if name not in ("", "null", "None") else outside, part) for name, part in (parts or {}).items()]


def _group_word(name: str, language: str) -> str:
    plain = name.removeprefix("group_")
    return translate(GROUP_WORDS[plain], language) if plain in GROUP_WORDS else plain.replace("_", " ").capitalize()


def _nearest(nearest: dict[str, Any] | None) -> str | None:
    return (nearest["name"] or nearest["ref"]) if nearest else None
