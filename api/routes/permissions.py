"""The table of who may do what, as a page."""

from fastapi import APIRouter, Request, Response

from api.auth import may
from api.deps import LanguageDep, SettingsDep
from api.page import page
from geocommons.model.permission import EXTENT_WORDS, ROLE_WORDS, TABLE

router = APIRouter(include_in_schema=False, dependencies=[may("read")])


@router.get("/permissions")
def show_permissions(request: Request, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return the very table that every door asks, in words."""
    return page(
        request, "about/permissions.html", language, settings, table=TABLE, roles=ROLE_WORDS, extents=EXTENT_WORDS
    )
