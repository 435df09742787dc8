"""Community land trust parcels: the trust keeps the land for good, households lease the ground."""

from datetime import date
from types import MappingProxyType
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from geocommons.language import Words
from geocommons.layer import Layer, Topology


def none_when_zero(value: object) -> object:
    """Return None for 0: assessors' files write an unknown building year so."""
    return None if value in (0, 0.0, "0") else value


class CltParcel(BaseModel):
    """What is recorded of a parcel that the trust holds."""

    lot_number: str | None = Field(
        default=None,
        max_length=40,
        title="Lot number",
        description="Number of the parcel in its cadastral section, as on the deed.",
        json_schema_extra={"nl": "Perceelnummer"},
    )
    land_use: str | None = Field(
        default=None,
        max_length=80,
        title="Land use",
        description="What the ground is used for, in the city's own words.",
        examples=["housing", "housing and work", "shop", "workshop", "community space", "open space"],
        json_schema_extra={
            "nl": "Gebruik",
            "nl_values": {
                "housing": "wonen",
                "housing and work": "wonen en werken",
                "shop": "winkel",
                "workshop": "werkplaats",
                "community space": "buurtruimte",
                "open space": "open ruimte",
            },
        },
    )
    homes: int | None = Field(
        default=None,
        ge=0,
        le=5000,
        title="Homes",
        description="Number of homes on the parcel that are kept affordable.",
        json_schema_extra={"nl": "Woningen"},
    )
    floor_m2: float | None = Field(
        default=None,
        ge=0,
        le=1_000_000,
        title="Floor area",
        description="Gross floor area of all buildings on the parcel, in m2.",
        json_schema_extra={"nl": "Vloeroppervlak", "unit": "m2"},
    )
    building_year: Annotated[int | None, BeforeValidator(none_when_zero)] = Field(
        default=None,
        ge=1000,
        le=2200,
        title="Year of building",
        description="Year in which the main building was finished; 0 or empty where nobody knows.",
        json_schema_extra={"nl": "Bouwjaar"},
    )
    acquired: date | None = Field(
        default=None,
        title="Acquired on",
        description="Day on which the trust became owner of the ground.",
        json_schema_extra={"nl": "Verworven op"},
    )
    address: str | None = Field(
        default=None,
        max_length=200,
        title="Address",
        description="Street and house number of the main door.",
        json_schema_extra={"nl": "Adres"},
    )


LAYER = Layer(
    id="clt-parcels",
    title=Words(en="Land trust parcels", nl="Percelen van de grondstichting"),
    one=Words(en="Land trust parcel", nl="Perceel van de grondstichting"),
    description=Words(
        en="Ground that a community land trust keeps for good, so that the homes on it stay affordable.",
        nl="Grond die een community land trust voorgoed in bezit houdt, zodat de woningen erop betaalbaar blijven.",
    ),
    geometry_type="Polygon",
    facts=CltParcel,
    color="#751F45",
    symbol="house",
    care_types=("ground_lease",),
    topology=Topology(no_overlap=True),
    duties=(
        Words(en="Live in the home as your main home.", nl="Woon zelf in de woning, als hoofdverblijf."),
        Words(en="Pay the ground rent each month.", nl="Betaal elke maand de erfpachtcanon."),
        Words(en="Keep the building insured and in good repair.", nl="Houd het gebouw verzekerd en goed onderhouden."),
        Words(
            en="Offer the home to the trust first when you move.",
            nl="Bied de woning bij vertrek eerst aan de stichting aan.",
        ),
    ),
    status_words=MappingProxyType(
        {
            "available": Words(en="Not leased", nl="Nog niet in erfpacht"),
            "requested": Words(en="Lease asked for", nl="Erfpacht aangevraagd"),
            "cared_for": Words(en="Leased", nl="In erfpacht"),
            "needs_help": Words(en="Something is overdue", nl="Er is iets over tijd"),
            "lapsing": Words(en="Lease ends soon", nl="Erfpacht loopt af"),
            "not_adoptable": Words(en="Not for lease", nl="Niet in erfpacht te krijgen"),
        }
    ),
    min_zoom=14,
    lapsing_days=365,
)
