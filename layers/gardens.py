"""Gardens that neighbours keep together."""

from datetime import date

from pydantic import BaseModel, Field

from geocommons.language import Words
from geocommons.layer import Layer, Topology


class Garden(BaseModel):
    """What is recorded of a garden."""

    kind: str | None = Field(
        default=None,
        max_length=60,
        title="Kind of garden",
        description="What the garden is for.",
        examples=["community garden", "allotments", "school garden", "food forest", "pocket park"],
        json_schema_extra={
            "nl": "Soort tuin",
            "nl_values": {
                "community garden": "buurttuin",
                "allotments": "volkstuinen",
                "school garden": "schooltuin",
                "food forest": "voedselbos",
                "pocket park": "postzegelpark",
            },
        },
    )
    opened: date | None = Field(
        default=None,
        title="Opened on",
        description="Day on which the garden opened; on an earlier day the register shows no garden.",
        json_schema_extra={"nl": "Geopend op"},
    )
    plots_total: int | None = Field(
        default=None,
        ge=0,
        le=5000,
        title="Plots",
        description="Number of plots that can be rented.",
        json_schema_extra={"nl": "Tuintjes"},
    )
    waiting_list: int | None = Field(
        default=None,
        ge=0,
        le=10_000,
        title="Waiting list",
        description="Number of households that wait for a plot.",
        json_schema_extra={"nl": "Wachtlijst"},
    )
    water_tap: bool | None = Field(
        default=None,
        title="Water tap",
        description="Whether there is a tap or a pump that gardeners may use.",
        json_schema_extra={"nl": "Waterpunt"},
    )
    compost: bool | None = Field(
        default=None,
        title="Compost",
        description="Whether neighbours may bring kitchen waste for compost.",
        json_schema_extra={"nl": "Compost"},
    )
    step_free: bool | None = Field(
        default=None,
        title="Step-free",
        description="Whether a wheelchair can enter and go round.",
        json_schema_extra={"nl": "Drempelvrij"},
    )
    opening_hours: str | None = Field(
        default=None,
        max_length=200,
        title="Opening hours",
        description="When the gate is open to everybody.",
        json_schema_extra={"nl": "Openingstijden", "written_as": "opening_hours"},
    )
    entrance_lon: float | None = Field(
        default=None,
        ge=-180,
        le=180,
        title="Entrance, longitude",
        description="Longitude of the gate; with it, ways to the garden are measured to the gate, not to its edge.",
        json_schema_extra={"nl": "Ingang, lengtegraad", "unit": "°"},
    )
    entrance_lat: float | None = Field(
        default=None,
        ge=-90,
        le=90,
        title="Entrance, latitude",
        description="Latitude of the gate.",
        json_schema_extra={"nl": "Ingang, breedtegraad", "unit": "°"},
    )


LAYER = Layer(
    id="gardens",
    title=Words(en="Gardens", nl="Tuinen"),
    one=Words(en="Garden", nl="Tuin"),
    description=Words(
        en="Gardens that neighbours keep together and that anybody may visit.",
        nl="Tuinen die buurtbewoners samen onderhouden en waar iedereen mag binnenlopen.",
    ),
    geometry_type="Polygon",
    facts=Garden,
    color="#0E9454",
    symbol="flower",
    begins="opened",
    care_types=("stewardship",),
    topology=Topology(no_overlap=True),
    duties=(
        Words(
            en="Keep the gate open to all at the hours on the sign.",
            nl="Houd de poort open op de tijden die op het bord staan.",
        ),
        Words(
            en="Garden without pesticides and without artificial fertiliser.",
            nl="Tuinier zonder gif en zonder kunstmest.",
        ),
        Words(
            en="Hold a work day at least once a month in season.",
            nl="Houd in het seizoen minstens eens per maand een werkdag.",
        ),
        Words(
            en="Check the tap, the tools and the fence in spring.",
            nl="Controleer in het voorjaar kraan, gereedschap en hek.",
        ),
    ),
    min_zoom=11,
    lapsing_days=90,
)
