"""What every register owes its readers: who runs it, what it holds of them, whom it leaves out, and a page offline."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from api.auth import may
from api.deps import LanguageDep, SettingsDep
from api.page import STATIC, page
from geocommons.errors import NotFound, NotReady
from geocommons.language import languages
from geocommons.model.actor import VISITOR

router = APIRouter(include_in_schema=False, dependencies=[may("read")])


@router.get("/about/imprint")
def show_imprint(request: Request, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return who runs the register, as its settings say."""
    return page(request, "about/imprint.html", language, settings)


@router.get("/about/privacy")
def show_privacy(request: Request, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return what is held of people, why, how long, and how to get and erase it."""
    return page(request, "about/privacy.html", language, settings)


@router.get("/about/accessibility")
def show_accessibility(request: Request, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return what was done for people who see, hear, move or read otherwise, and what was not."""
    return page(request, "about/accessibility.html", language, settings)


@router.get("/offline/{code}")
def show_offline(request: Request, settings: SettingsDep, code: str) -> Response:
    """Return the page that a browser keeps for when it cannot reach the register; the same for everybody."""
    if code not in languages():
        raise NotFound("There is nothing at this address.")
    return page(request, "about/offline.html", code, settings, reader=VISITOR)


@router.get("/sw.js")
def service_worker() -> Response:
    """Return the program that shows that page; it must lie at the top to work for every address."""
    path = STATIC / "worker.js"
    if not path.exists():
        raise NotReady("The browser code is not built. Run `make static`.")
    return FileResponse(path, media_type="text/javascript", headers={"cache-control": "no-cache"})
