"""Storm drains that a neighbour keeps clear of leaves."""

from datetime import date

from pydantic import BaseModel, Field

from geocommons.language import Words
from geocommons.layer import Layer


class StormDrain(BaseModel):
    """What is recorded of a storm drain."""

    inlet: str | None = Field(
        default=None,
        max_length=60,
        title="Inlet",
        description="How the water gets in.",
        examples=["grate", "kerb", "combined"],
        json_schema_extra={
            "nl": "Instroom",
            "nl_values": {"grate": "rooster", "kerb": "trottoirkolk", "combined": "gecombineerd"},
        },
    )
    on_arterial: bool | None = Field(
        default=None,
        title="On an arterial road",
        description="Whether the drain lies in the carriageway of an arterial road.",
        json_schema_extra={"nl": "Aan een hoofdweg"},
    )
    cleaned: date | None = Field(
        default=None,
        title="Last cleaned on",
        description="Day on which a crew last emptied the drain.",
        json_schema_extra={"nl": "Laatst gereinigd op"},
    )


def refusal(drain: StormDrain) -> Words | None:
    """Return why a drain cannot be adopted: arterial roads are dangerous on foot."""
    if drain.on_arterial:
        return Words(
            en="The road is too busy: city crews clear the drains on arterial roads.",
            nl="De weg is te druk: de gemeente houdt de kolken aan hoofdwegen schoon.",
        )
    return None


LAYER = Layer(
    id="storm-drains",
    title=Words(en="Storm drains", nl="Straatkolken"),
    one=Words(en="Storm drain", nl="Straatkolk"),
    description=Words(
        en="Drains in the street that a neighbour keeps clear of leaves, so that the street stays dry.",
        nl="Kolken die een buurtbewoner vrij houdt van blad, zodat de straat droog blijft.",
    ),
    geometry_type="Point",
    facts=StormDrain,
    color="#2B2060",
    symbol="droplet",
    care_types=("stewardship",),
    duties=(
        Words(
            en="Clear the grate before heavy rain is forecast.", nl="Maak het rooster vrij voordat er zware regen komt."
        ),
        Words(en="Put leaves in the green bin, never into the drain.", nl="Doe blad in de groenbak, nooit in de kolk."),
        Words(en="Stay on the pavement and wear something bright.", nl="Blijf op de stoep en draag iets opvallends."),
    ),
    min_zoom=15,
    lapsing_days=60,
    refusal=refusal,
)
