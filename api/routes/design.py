"""Every component of the site once, light and dark: what pages are built from, and what a city can change."""

from fastapi import APIRouter, Request, Response

from api.auth import may
from api.chart_samples import sample_charts
from api.deps import LanguageDep, SettingsDep
from api.map_config import SWATCHES, status_words
from api.page import page
from api.symbols import ICONS
from geocommons.layer import all_layers
from geocommons.model.permission import TABLE

router = APIRouter(include_in_schema=False, dependencies=[may("see the design")])
INKS = ("ink", "muted", "accent", "alarm")
GROUNDS = ("paper", "ground", "sunk", "accent-soft", "alarm-soft", "band", "line", "line-strong", "focus")
MAP_TOKENS = ("land", "water", "green", "street", "path", "served", "unserved", "unknown", "free")


@router.get("/design")
def show_design(request: Request, settings: SettingsDep, language: LanguageDep) -> Response:
    """Return a page with each component, twice: as it looks in the light and in the dark."""
    return page(
        request, "design.html", language, settings,
        inks=INKS, grounds=GROUNDS, map_tokens=MAP_TOKENS, icon_names=list(ICONS), swatches=SWATCHES,
        layers=list(all_layers().values()), status_words=status_words(language), some=TABLE[:3],
        charts=sample_charts(language),
    )  # fmt: skip
