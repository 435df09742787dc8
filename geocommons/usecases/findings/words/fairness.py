"""Is it fair? One sentence about the group that is worst off, with what chance leaves open."""

from collections.abc import Mapping
from typing import Any

from geocommons.language import Say, mark, translate
from geocommons.model.run import Run
from geocommons.numerals import metres, number, percent
from geocommons.usecases.findings.words.service import group_word, reach_words, supply_words
from geocommons.usecases.findings.words.sharing import EACH, amount_words

EVEN = 1.05
"""Up to a twentieth more or less is no difference that a city acts on."""
GROUP_PEOPLE: Mapping[str, str] = {
    "children": mark("Children"),
    "older": mark("Older people"),
    "low_income": mark("People with a low income"),
    "no_car": mark("People without a car"),
}


def verdict(run: Run, language: str) -> str:
    """Return the sentence on who is worst off, or that nobody clearly is."""
    result = run.result
    say = Say(language)
    compared = [row for row in result["groups"] if row["ratio"] is not None]
    if not result["sites"]:
        return say(mark("No site serves on that day."))
    if result["mean"] is None:
        return say(mark("Nobody could be assessed."))
    if result["outcome"] == "served" and not result["mean"]:
        reach, supply = reach_words(run.result, language), supply_words(run.params["supply"], language)
        return say(mark("Nobody lives farther than {reach} from {supply}."), reach=reach, supply=supply)
    if not compared:
        return _everybody(run, say)
    worse = [row for row in compared if clear(row, result["outcome"])]
    if not worse:
        return f"{_everybody(run, say)} {say(mark('No group is clearly worse off than others.'))}"
    worst = max(worse, key=lambda row: _times(row, result["outcome"]))
    return _worst(run, worst, say)


def clear(row: Mapping[str, Any], outcome: str) -> bool:
    """Return whether a group is worse off than those it is compared with, by more than chance and by enough to act."""
    if row["ratio"] is None or _times(row, outcome) < EVEN:
        return False
    return row["low"] is None or row["low"] > row["value"] - row["difference"]


def worst_first(result: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the groups, who is worst off first, those without figures last."""
    sign = 1 if result["outcome"] == "access" else -1
    return sorted(result["groups"], key=lambda row: (row["value"] is None, sign * (row["value"] or 0.0), row["name"]))


def group_people(name: str, language: str, *, lower: bool = False) -> str:
    """Return a group as the people in it, at the start of a sentence or inside one."""
    words = translate(GROUP_PEOPLE[name], language) if name in GROUP_PEOPLE else group_word(name, language)
    return words[:1].lower() + words[1:] if lower else words


def _times(row: Mapping[str, Any], outcome: str) -> float:
    """Return how many times worse off a group is."""
    ratio = float(row["ratio"])
    return ratio if outcome != "access" else 1 / ratio if ratio > 0 else float("inf")


def _everybody(run: Run, say: Say) -> str:
    result, reach = run.result, reach_words(run.result, say.language)
    if result["outcome"] == "served":
        told = mark("{share} of people live farther than {reach} from a site.")
        return say(told, share=percent(result["mean"], say.language), reach=reach)
    if result["outcome"] == "distance":
        return say(
            mark("People live {far} from the nearest site on average."), far=metres(result["mean"], say.language)
        )
    amount = say(EACH[result["measure"]], amount=amount_words(result["mean"], say.language))
    return say(mark("On average there are {amount}."), amount=amount)


def _worst(run: Run, row: Mapping[str, Any], say: Say) -> str:
    outcome, reference = run.result["outcome"], run.result["reference"]
    others = group_people(reference, say.language, lower=True) if reference else say(mark("others"))
    gaps = {
        "group": group_people(row["name"], say.language),
        "others": others,
        "ratio": number(row["ratio"], say.language, 1),
    }
    other = row["value"] - row["difference"]
    if outcome == "distance":
        told = mark("{group} live {ratio} times as far from the nearest site as {others}: {one} against {other}.")
        return say(told, **gaps, one=metres(row["value"], say.language), other=metres(other, say.language))
    if outcome == "access":
        told = mark("{group} have {share} of what {others} have: {one} against {other}.")
        one, its = (
            say(EACH[run.result["measure"]], amount=amount_words(each, say.language)) for each in (row["value"], other)
        )
        return say(told, **gaps, share=percent(row["ratio"], say.language), one=one, other=its)
    gaps |= {"one": percent(row["value"], say.language), "other": percent(other, say.language)}
    gaps["reach"] = reach_words(run.result, say.language)
    told = mark("{group} are {ratio} times as likely as {others} to live farther than {reach} from a site:")
    against = mark("{one} against {other}.")
    if row["low"] is not None:
        against = mark("{one} (95% range: {low} to {high}) against {other}.")
        gaps |= {end: percent(row[end], say.language) for end in ("low", "high")}
    return f"{say(told, **gaps)} {say(against, **gaps)}"
