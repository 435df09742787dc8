"""Turn refusals into answers: one table of status codes; a problem (RFC 9457) for programs, a page for people."""

import logging
from http import HTTPStatus
from math import ceil

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from sqlalchemy import exc
from starlette.exceptions import HTTPException

from api.deps import reader_language
from api.notice import see_other
from api.page import NOBODY_ELSE, goal_of, page, page_of_form
from api.security import security_headers
from geocommons import errors
from geocommons.errors import GeoCommonsError
from geocommons.language import mark, say, translate
from geocommons.model.actor import VISITOR, Actor
from geocommons.settings import Settings
from geocommons.store.trouble import Trouble, reason_of, trouble_of

logger = logging.getLogger(__name__)

STATUS: dict[type[GeoCommonsError], int] = {
    errors.NotFound: 404,
    errors.UnreadableFile: 422,
    errors.UnknownCRS: 422,
    errors.InvalidInput: 400,
    errors.InvalidFeature: 422,
    errors.Conflict: 409,
    errors.NotReady: 503,
    errors.NotSignedIn: 401,
    errors.NotAllowed: 403,
    errors.NotConfirmed: 403,
    errors.Spent: 410,
    errors.TooMany: 429,
}
NO_SUCH_PAGE = mark("There is nothing at this address.")
NOT_ALLOWED = mark("This address cannot be used in this way.")
MALFORMED = mark("The value of “{name}” is not of the form that is asked for here.")
BROKEN = mark("Something broke here, not with you. Try again; if it happens again, tell those who run this register.")
NO_DATABASE: dict[Trouble, str] = {
    "away": mark("The database does not answer. Try again in a minute."),
    "unwritable": mark("The database takes nothing new for now. If it stays so, tell those who run this register."),
}
DID_NOT_WORK = mark("That did not work")
HEADINGS = {
    401: mark("Sign in first"),
    403: mark("You may not do this"),
    404: mark("There is nothing here"),
    410: mark("This is used up"),
    413: mark("That is too large"),
    429: mark("Too many tries"),
    500: mark("Something broke"),
    503: mark("Not there for a moment"),
}
ROW_NUMBER_SIGNS = 9
PROGRAM_PATHS = ("/ogc", "/api", "/healthz")


def install(app: FastAPI) -> None:
    """Give an application the answers to everything that can go wrong."""
    app.add_exception_handler(GeoCommonsError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)
    for lost in (exc.OperationalError, exc.InternalError, exc.TimeoutError):
        app.add_exception_handler(lost, _no_database)
    for too_large in (OverflowError, exc.DataError):
        app.add_exception_handler(too_large, _no_such_number)
    app.add_exception_handler(Exception, _broken)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeoCommonsError)
    settings: Settings = request.app.state.settings
    if isinstance(error, errors.NotSignedIn) and request.method == "GET" and _is_reader(request):
        return see_other(f"/sign-in?goal={goal_of(request)}", settings, error.sentence)
    if isinstance(error, errors.NotConfirmed) and _is_reader(request):
        return see_other(f"/confirm?goal={goal_of(request) or page_of_form(request)}", settings)
    language = reader_language(request)
    beyond = isinstance(error, errors.NotFound) and _names_too_large_a_number(request)
    sentence = translate(NO_SUCH_PAGE, language) if beyond else say(error, language)
    reply = answer(request, STATUS[type(error)], sentence)
    if isinstance(error, errors.NotSignedIn):
        reply.headers["www-authenticate"] = "Bearer"
    if isinstance(error, errors.TooMany):
        reply.headers["retry-after"] = str(max(1, ceil(error.retry_after_s)))
    return reply


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = {404: NO_SUCH_PAGE, 405: NOT_ALLOWED}.get(error.status_code, error.detail)
    reply = answer(request, error.status_code, translate(sentence, reader_language(request)))
    reply.headers.update(error.headers or {})
    return reply


def _malformed(request: Request, error: Exception) -> Response:
    """Answer to a value that the route's types refuse: in a path it names what is not there."""
    assert isinstance(error, RequestValidationError)
    place, *names = (str(part) for part in error.errors()[0]["loc"])
    language = reader_language(request)
    if place == "path":
        return answer(request, 404, translate(NO_SUCH_PAGE, language))
    return answer(request, 400, translate(MALFORMED, language).format(name=" ".join(names)))


def _no_database(request: Request, error: Exception) -> Response:
    trouble = trouble_of(error)
    if trouble is None:
        raise error
    logger.error("The database does not answer: %s", reason_of(error))
    return answer(request, 503, translate(NO_DATABASE[trouble], reader_language(request)))


def _no_such_number(request: Request, error: Exception) -> Response:
    """Answer to a number in an address that is larger than that of any row, which each database says in its own way."""
    if not _names_too_large_a_number(request):
        raise error
    return answer(request, 404, translate(NO_SUCH_PAGE, reader_language(request)))


def _names_too_large_a_number(request: Request) -> bool:
    """Whether an address has a number that no row can have: one database looks for it, the other refuses to."""
    asked = (*request.path_params.values(), *request.query_params.values())
    numbers = (str(value).strip().lstrip("-") for value in asked)
    return any(number.isdigit() and len(number) > ROW_NUMBER_SIGNS for number in numbers)


def _broken(request: Request, error: Exception) -> Response:
    reply = answer(request, 500, translate(BROKEN, reader_language(request)))
    # This answer is sent from outside of every middleware.
    reply.headers.update(security_headers(request.app.state.settings))
    return reply


def answer(request: Request, status: int, sentence: str, reader: Actor | None = None) -> Response:
    """Return a refusal in the form that who asked can read; `reader` says who that is, where it is not looked up."""
    if _is_reader(request):
        settings, language = request.app.state.settings, reader_language(request)
        if status >= 500:
            # Whoever is not known yet stays so: looking them up may be what broke.
            reader = getattr(request.state, "actor", VISITOR)
        said = {"sentence": sentence, "heading": HEADINGS.get(status, DID_NOT_WORK), "status_code": status}
        reply: Response = page(request, "error.html", language, settings, status=status, reader=reader, **said)
        reply.headers["cache-control"] = NOBODY_ELSE
        return reply
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "instance": request.url.path,
    }
    headers = {"cache-control": "no-store", "vary": "accept-language, accept, cookie"}
    return Response(orjson.dumps(problem), status, headers, media_type="application/problem+json")


def _is_reader(request: Request) -> bool:
    """Whether a person waits for a page: not a program, and not the program of one of our pages."""
    return (
        not request.url.path.startswith(PROGRAM_PATHS)
        and "text/html" in request.headers.get("accept", "")
        # A page that the offline program fetches for somebody is still a page.
        and (request.headers.get("sec-fetch-dest") != "empty" or request.headers.get("sec-fetch-mode") == "navigate")
    )
