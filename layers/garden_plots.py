"""Plots inside a garden, rented by the season."""

from types import MappingProxyType

from pydantic import BaseModel, Field

from geocommons.language import Words
from geocommons.layer import Layer, Topology


class GardenPlot(BaseModel):
    """What is recorded of a plot."""

    number: str | None = Field(
        default=None,
        max_length=20,
        title="Number",
        description="Number on the plot's own sign; unique within its garden.",
        json_schema_extra={"nl": "Nummer"},
    )
    area_m2: float | None = Field(
        default=None,
        ge=0,
        le=10_000,
        title="Area to rent",
        description="Area that the rent is reckoned on, in m2; the drawn outline may differ.",
        json_schema_extra={"nl": "Huuroppervlak", "unit": "m2"},
    )
    raised_bed: bool | None = Field(
        default=None,
        title="Raised bed",
        description="Whether the plot is a raised bed.",
        json_schema_extra={"nl": "Verhoogde bak"},
    )
    accessible: bool | None = Field(
        default=None,
        title="Accessible",
        description="Whether the plot can be worked from a wheelchair.",
        json_schema_extra={"nl": "Toegankelijk"},
    )
    sun_hours: float | None = Field(
        default=None,
        ge=0,
        le=24,
        title="Sun in June",
        description="Hours of direct sun on a clear day in June.",
        json_schema_extra={"nl": "Zon in juni", "unit": "h"},
    )


LAYER = Layer(
    id="garden-plots",
    title=Words(en="Garden plots", nl="Tuintjes"),
    one=Words(en="Garden plot", nl="Tuintje"),
    description=Words(
        en="Small plots inside a garden that a household rents for the season.",
        nl="Kleine stukken in een tuin die een huishouden per seizoen huurt.",
    ),
    geometry_type="Polygon",
    facts=GardenPlot,
    color="#869308",
    symbol="sprout",
    care_types=("plot_rental",),
    topology=Topology(no_overlap=True, inside="gardens"),
    duties=(
        Words(en="Have the plot dug and planted by 1 May.", nl="Zorg dat het tuintje op 1 mei is omgespit en beplant."),
        Words(en="Keep the path beside the plot free.", nl="Houd het pad langs het tuintje vrij."),
        Words(en="Join two work days a season.", nl="Doe per seizoen mee aan twee werkdagen."),
    ),
    status_words=MappingProxyType(
        {
            "available": Words(en="Free to rent", nl="Vrij te huur"),
            "requested": Words(en="Asked for", nl="Aangevraagd"),
            "cared_for": Words(en="Rented", nl="Verhuurd"),
            "needs_help": Words(en="Not kept", nl="Niet onderhouden"),
            "lapsing": Words(en="Rent ends soon", nl="Huur loopt af"),
            "not_adoptable": Words(en="Not for rent", nl="Niet te huur"),
        }
    ),
    min_zoom=15,
    lapsing_days=60,
)
