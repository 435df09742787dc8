"""Say what a run found, whatever its kind."""

from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import Any

from sqlalchemy.orm import Session

from geocommons.language import Words, mark, translate
from geocommons.model.desk import Scenario
from geocommons.model.run import Run
from geocommons.store.engine import Store
from geocommons.usecases.findings.document import Findings, MapLayer
from geocommons.usecases.findings.words.names import Names, names_in_reports, nobody
from geocommons.usecases.findings.words.numbers import without_numbers
from geocommons.usecases.questions.scenario import SCENARIO

KIND_WORDS = MappingProxyType(
    {
        "coverage": Words(en="Coverage", nl="Bereik"),
        "gaps": Words(en="Gaps", nl="Witte vlekken"),
        "change": Words(en="Change", nl="Verandering"),
        "equity": Words(en="Fairness", nl="Eerlijkheid"),
        "crowding": Words(en="Crowding", nl="Drukte"),
        "siting": Words(en="Next sites", nl="Volgende plekken"),
        "rivers": Words(en="Rivers", nl="Rivieren"),
        "health": Words(en="Health of stewardship", nl="Staat van het beheer"),
        "turf": Words(en="Turf", nl="Werkgebieden"),
        "ties": Words(en="Ties", nl="Banden"),
    }
)
"""What each kind of analysis is called, in the order of the menu."""


DONE = {
    "added": mark("site that would come"),
    "closed": mark("site that would close"),
    "adopted": mark("site that would get a steward"),
}
NAMING = frozenset({"rivers", "turf", "ties"})
"""Kinds whose findings speak of parties: their function takes the names, too."""


def say_findings(run: Run, language: str, names: Names = nobody) -> Findings:
    """Return what a finished run found, in a language: each kind says it in a file of its own beside this one.

    `names` says how parties are named now; left out, all of them are called by what kind they are.
    """
    say = getattr(import_module(f"geocommons.usecases.findings.kinds.{run.kind}"), run.kind)
    said: Findings = say(run, language, names) if run.kind in NAMING else say(run, language)
    return said


def findings_in(session: Session, run: Run, language: str) -> Findings:
    """Return what a finished run found, with parties called as they may be in reports now.

    What was found in a scenario says so first: nobody shall take what would be for what is.
    """
    findings = say_findings(run, language, names_in_reports(session))
    if run.params.get("scenario") is None:
        return findings
    scenario = session.get(Scenario, int(run.params["scenario"]))
    supposed = translate(mark("What if (scenario “{name}”): {sentence}"), language)
    name = scenario.name if scenario else str(run.params["scenario"])
    changed = (_changes_layer(language),) if SCENARIO in run.outputs else ()
    return replace(
        findings,
        sentence=supposed.format(name=name, sentence=findings.sentence),
        layers=(*findings.layers, *changed),
    )


def result_in(session: Session, run: Run) -> dict[str, Any]:
    """Return the figures of a run as others may have them: who may not be named now has no number of the register."""
    if run.kind not in NAMING or not run.result:
        return run.result
    return without_numbers(run.result, names_in_reports(session))


def _changes_layer(language: str) -> MapLayer:
    words = tuple((do, translate(words, language)) for do, words in DONE.items())
    title = translate(mark("What the scenario changes"), language)
    return MapLayer(SCENARIO, title, "points", value="do", key="ref", words=words)


def findings_of(store: Store, run: Run, language: str) -> Findings:
    """Return what a finished run found, as `findings_in`."""
    with store.reading() as session:
        return findings_in(session, run, language)
