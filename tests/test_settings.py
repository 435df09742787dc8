"""Settings come from outside: one that cannot be read is told by its name, with how to write it."""

import pytest
from pydantic import ValidationError

from geocommons.crs import BBox
from geocommons.errors import NotReady
from geocommons.language import say
from geocommons.settings import Settings, get_settings


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("PORT", "abc", "as 8000."),
        ("PORT", "70000", "as 8000."),
        ("OVERLAP_TOLERANCE_M2", "-1", "as 1.0."),
        ("AREA", "1,2", "west,south,east,north"),
        ("AREA", "a,b,c,d", "west,south,east,north"),
        ("AREA", "5,52,4,51", "west,south,east,north"),
        ("AREA", "52,4,nan,5", "west,south,east,north"),
        ("AREA", "155000,463000,156000,464000", "west,south,east,north"),
        ("ENVIRONMENT", "prod", "demo or production."),
        ("OPENID_ROLES", "{x", "land-desk=staff"),
        ("OPENID_ROLES", "desk=king", "land-desk=staff"),
        ("DATABASE_URL", "nonsense", "postgresql+psycopg://"),
        ("DATABASE_URL", "mysql://city:hidden@host/town", "postgresql+psycopg://"),
    ],
)
def test_a_setting_that_cannot_be_read_is_told_by_name_and_form_and_never_by_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, remedy: str
) -> None:
    monkeypatch.setenv(f"GEOCOMMONS_{name}", value)
    with pytest.raises(NotReady) as refused:
        get_settings.__wrapped__()
    assert str(refused.value).startswith(f"The setting GEOCOMMONS_{name} cannot be read.")
    assert remedy in str(refused.value) and "hidden" not in str(refused.value)
    assert say(refused.value, "nl").startswith(f"De instelling GEOCOMMONS_{name} is niet te lezen. Schrijf")


def test_an_area_is_west_south_east_north() -> None:
    assert Settings(area="-71.17,42.34, -71.05,42.41").area == BBox(-71.17, 42.34, -71.05, 42.41)  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Settings(area="42.34,-71.17,42.41,-171.05")  # type: ignore[arg-type]
