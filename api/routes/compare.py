"""Two runs of one kind beside each other: what was asked, what came out, and two maps that move together."""

from fastapi import APIRouter, Request, Response

from api.auth import ActorDep, may
from api.deps import LanguageDep, SessionDep, SettingsDep, parse_count, visible_run
from api.page import page, script_json
from api.questions import asked_differently
from api.run_map import CLASSES, SCHEME, run_map, sites_of
from geocommons.errors import InvalidInput
from geocommons.language import mark, translate
from geocommons.model.desk import Scenario
from geocommons.model.run import Run
from geocommons.usecases.analyses.catalogue import get_question
from geocommons.usecases.findings.compare import compare_findings
from geocommons.usecases.findings.say import KIND_WORDS, findings_in

router = APIRouter(prefix="/analyses/compare", include_in_schema=False)


@router.get("", dependencies=[may("read")])
def compare(
    request: Request, session: SessionDep, actor: ActorDep, settings: SettingsDep, language: LanguageDep,
    a: str, b: str, scheme: str = SCHEME, k: str = str(CLASSES),
) -> Response:  # fmt: skip
    """Return two finished runs of one kind beside each other."""
    first, second = (visible_run(session, actor, parse_count("run", run, least=1)) for run in (a, b))
    _refuse_unlike(first, second)
    found = [(run, findings_in(session, run, language)) for run in (first, second)]
    names = _names(session, first, second, language)
    drawn = run_map(session, settings, language, found, scheme=scheme, k=parse_count("k", k, least=1))
    return page(
        request, "analyses/compare.html", language, settings, current="analyses", kind=first.kind,
        words=KIND_WORDS[first.kind], kinds=KIND_WORDS, runs=(first, second), names=names,
        findings=[findings for _, findings in found], map_layers=sites_of(first.params),
        asked=asked_differently(session, get_question(first.kind), first.params, second.params, language),
        tables=compare_findings(found[0][1], found[1][1], names, language),
        title=found[0][1].title,
        run_map=drawn, config=script_json(drawn.config),
    )  # fmt: skip


def _names(session: SessionDep, first: Run, second: Run, language: str) -> tuple[str, str]:
    """Return what two runs are called: by their scenarios where these tell them apart, by their number elsewhere."""
    asked = [run.params.get("scenario") for run in (first, second)]
    known = {number: session.get(Scenario, int(number)) for number in asked if number is not None}
    if asked[0] == asked[1] or not all(known.values()):
        said = translate(mark("Run {run}"), language)
        return said.format(run=first.id), said.format(run=second.id)
    as_it_is = translate(mark("As it is"), language)
    one, other = (scenario.name if (scenario := known.get(number)) else as_it_is for number in asked)
    return one, other


def _refuse_unlike(first: Run, second: Run) -> None:
    if first.kind not in KIND_WORDS or first.kind != second.kind:
        raise InvalidInput(
            "Runs {first} and {second} are not of one kind of analysis. Choose two that are.",
            first=first.id, second=second.id,
        )  # fmt: skip
    open_run = next((run for run in (first, second) if run.state != "finished"), None)
    if open_run is not None:
        raise InvalidInput("Run {run} has not finished. Choose one that has.", run=open_run.id)
