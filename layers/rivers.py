"""Rivers and streams, adopted by the stretch: from so many metres to so many metres along the line."""

from types import MappingProxyType

from pydantic import BaseModel, Field

from geocommons.language import Words
from geocommons.layer import Layer


class River(BaseModel):
    """What is recorded of a watercourse, drawn as a line from its source down."""

    water_type: str | None = Field(
        default=None,
        max_length=60,
        title="Kind of water",
        description="What kind of watercourse it is.",
        examples=["river", "stream", "canal", "ditch"],
        json_schema_extra={
            "nl": "Soort water",
            "nl_values": {"river": "rivier", "stream": "beek", "canal": "kanaal", "ditch": "sloot"},
        },
    )
    width_m: float | None = Field(
        default=None,
        ge=0,
        le=20_000,
        title="Width",
        description="Usual width between the banks, in metres.",
        json_schema_extra={"nl": "Breedte", "unit": "m"},
    )
    catchment: str | None = Field(
        default=None,
        max_length=120,
        title="Catchment",
        description="Name of the river basin that it drains to.",
        json_schema_extra={"nl": "Stroomgebied"},
    )
    flows_into: str | None = Field(
        default=None,
        max_length=120,
        title="Flows into",
        description="Name of the water at its lower end.",
        json_schema_extra={"nl": "Mondt uit in"},
    )
    tidal: bool | None = Field(
        default=None,
        title="Tidal",
        description="Whether the water rises and falls with the tide.",
        json_schema_extra={"nl": "Getij"},
    )
    water_authority: str | None = Field(
        default=None,
        max_length=120,
        title="Water authority",
        description="Who answers for the bed and the banks by law.",
        json_schema_extra={"nl": "Waterbeheerder"},
    )


LAYER = Layer(
    id="rivers",
    title=Words(en="Rivers and streams", nl="Rivieren en beken"),
    one=Words(en="River", nl="Rivier"),
    description=Words(
        en="Running water whose banks are looked after by the stretch, each by its own group.",
        nl="Stromend water waarvan groepen elk een stuk oever verzorgen.",
    ),
    geometry_type="LineString",
    facts=River,
    color="#0B5AB2",
    symbol="water",
    care_types=("stewardship",),
    measured=True,
    duties=(
        Words(
            en="Walk your stretch at least four times a year and take the litter out.",
            nl="Loop je stuk minstens vier keer per jaar en haal het zwerfvuil weg.",
        ),
        Words(
            en="Leave the bank alone from 15 March to 15 July: birds are breeding.",
            nl="Laat de oever met rust van 15 maart tot 15 juli: er broeden vogels.",
        ),
        Words(
            en="Tell the water authority at once of dead fish, oil or foam.",
            nl="Meld dode vissen, olie of schuim meteen bij de waterbeheerder.",
        ),
        Words(en="Go in pairs, and never when the water is high.", nl="Ga met z'n tweeën, en nooit bij hoog water."),
    ),
    status_words=MappingProxyType(
        {
            "available": Words(en="Stretches look for a steward", nl="Stukken zoeken een beheerder"),
            "cared_for": Words(en="Adopted", nl="Geadopteerd"),
        }
    ),
    min_zoom=8,
    lapsing_days=60,
)
