"""Vacant lots that neighbours may use until something is built there."""

from datetime import date
from types import MappingProxyType

from pydantic import BaseModel, Field

from geocommons.language import Words
from geocommons.layer import Layer, Topology


class VacantLot(BaseModel):
    """What is recorded of a vacant lot."""

    owner_kind: str | None = Field(
        default=None,
        max_length=60,
        title="Kind of owner",
        description="Who owns the ground, by kind and never by name.",
        examples=["city", "land trust", "housing association", "company", "private", "unknown"],
        json_schema_extra={
            "nl": "Soort eigenaar",
            "nl_values": {
                "city": "gemeente",
                "land trust": "grondstichting",
                "housing association": "woningcorporatie",
                "company": "bedrijf",
                "private": "particulier",
                "unknown": "onbekend",
            },
        },
    )
    zoning: str | None = Field(
        default=None,
        max_length=80,
        title="Zoning",
        description="What the land use plan allows on the lot.",
        examples=["housing", "mixed use", "industry", "green"],
        json_schema_extra={
            "nl": "Bestemming",
            "nl_values": {"housing": "wonen", "mixed use": "gemengd", "industry": "bedrijven", "green": "groen"},
        },
    )
    vacant_since: date | None = Field(
        default=None,
        title="Vacant since",
        description="Day since which nothing has stood on the lot; on an earlier day the register shows no lot.",
        json_schema_extra={"nl": "Braak sinds"},
    )
    contaminated: bool | None = Field(
        default=None,
        title="Polluted soil",
        description="Whether a soil survey found pollution above the limit for gardens; empty where nobody looked.",
        json_schema_extra={"nl": "Vervuilde grond"},
    )
    surface: str | None = Field(
        default=None,
        max_length=60,
        title="Surface",
        description="What covers most of the lot.",
        examples=["grass", "rubble", "paved", "shrubs"],
        json_schema_extra={
            "nl": "Oppervlak",
            "nl_values": {"grass": "gras", "rubble": "puin", "paved": "verhard", "shrubs": "struiken"},
        },
    )
    building_planned: date | None = Field(
        default=None,
        title="Building planned from",
        description="First day on which building may start; empty where nothing is planned.",
        json_schema_extra={"nl": "Bouw gepland vanaf"},
    )


def refusal(lot: VacantLot) -> Words | None:
    """Return why a lot cannot be adopted: digging in polluted soil makes people ill."""
    if lot.contaminated:
        return Words(
            en="The soil is polluted: the city looks after this lot.",
            nl="De grond is vervuild: de gemeente zorgt voor dit terrein.",
        )
    return None


LAYER = Layer(
    id="vacant-lots",
    title=Words(en="Vacant lots", nl="Braakliggende terreinen"),
    one=Words(en="Vacant lot", nl="Braakliggend terrein"),
    description=Words(
        en="Empty ground that neighbours may use until something is built there.",
        nl="Lege grond die buurtbewoners mogen gebruiken totdat er wordt gebouwd.",
    ),
    geometry_type="Polygon",
    facts=VacantLot,
    color="#A3481C",
    symbol="square-dashed",
    begins="vacant_since",
    care_types=("stewardship", "licence"),
    topology=Topology(no_overlap=True),
    duties=(
        Words(
            en="Keep the lot clean and the pavement beside it free.",
            nl="Houd het terrein schoon en de stoep ernaast vrij.",
        ),
        Words(
            en="Build nothing that cannot be taken away in a week.", nl="Bouw niets wat niet binnen een week weg kan."
        ),
        Words(
            en="Leave within three months when the owner asks.",
            nl="Vertrek binnen drie maanden als de eigenaar dat vraagt.",
        ),
    ),
    status_words=MappingProxyType(
        {
            "available": Words(en="Open for a plan", nl="Open voor een plan"),
            "requested": Words(en="Plan handed in", nl="Plan ingediend"),
            "cared_for": Words(en="In use by neighbours", nl="In gebruik bij de buurt"),
        }
    ),
    min_zoom=13,
    lapsing_days=90,
    refusal=refusal,
)
