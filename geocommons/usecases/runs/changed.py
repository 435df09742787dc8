"""Say what has changed since a run: which of its inputs are others now, and whether the program is."""

from dataclasses import dataclass

from geocommons import __version__
from geocommons.errors import GeoCommonsError
from geocommons.language import mark, say, translate
from geocommons.model.run import Run
from geocommons.settings import Settings
from geocommons.store.engine import Store
from geocommons.usecases.analyses.catalogue import question_of
from geocommons.usecases.questions.inputs import Inputs
from geocommons.usecases.questions.prepared import Prepared
from geocommons.usecases.questions.scenario import read_changes
from geocommons.usecases.runs.provenance import input_words

SAME = mark("Nothing has changed since: asked now, the answer would be the same.")
OTHERS = mark("Others now than then: {inputs}.")
NEW = mark("New since then: {inputs}.")
GONE = mark("Not looked at any more: {inputs}.")
VERSION = mark("Computed by GeoCommons {then}; this is {now}.")
REFUSED = mark("The same question cannot be answered now: {reason}")


@dataclass(frozen=True)
class Changed:
    """The names of inputs that are others, new and gone; versions then and now; why it cannot be asked, if so."""

    others: tuple[str, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    version_then: str
    version_now: str
    refusal: GeoCommonsError | None = None

    @property
    def any(self) -> bool:
        """Whether the answer might be another one now."""
        return bool(self.others or self.new or self.gone or self.refusal) or self.version_then != self.version_now


def changed_since(store: Store, settings: Settings, run: Run) -> Changed:
    """Return what has changed since a run: its inputs are loaded and compared by their checksums, nothing computed."""
    then = {name: str(value) for name, value in run.inputs.items()}
    try:
        with store.reading() as session:
            question = question_of(run.kind, run.params)
            changes = read_changes(session, question.scenario)
            inputs = Inputs(session, settings, changes, Prepared())
            changes.asked(question).prepare(inputs)
    except GeoCommonsError as error:
        return Changed((), (), (), run.version, __version__, error)
    now = inputs.checksums
    others = tuple(name for name, checksum in then.items() if name in now and now[name] != checksum)
    new, gone = (tuple(name for name in one if name not in other) for one, other in ((now, then), (then, now)))
    return Changed(others, new, gone, run.version, __version__)


def changed_words(changed: Changed, language: str) -> list[str]:
    """Return what has changed, a sentence each."""
    if not changed.any:
        return [translate(SAME, language)]
    said = [
        translate(sentence, language).format(inputs=", ".join(input_words(name, language) for name in names))
        for sentence, names in ((OTHERS, changed.others), (NEW, changed.new), (GONE, changed.gone))
        if names
    ]
    if changed.version_then != changed.version_now:
        told = translate(VERSION, language)
        said.append(told.format(then=changed.version_then, now=changed.version_now))
    if changed.refusal is not None:
        said.append(translate(REFUSED, language).format(reason=say(changed.refusal, language)))
    return said
