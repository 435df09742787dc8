"""Standards: what a city promises its people, as named tests with their sources; and how many people meet them.

A standard is a value. `STANDARDS` are the published ones; `Standard.change` gives one with other figures, and a city's
own is made with `Standard.from_json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

from geocommons.analysis.service.coverage import minutes_to_metres
from geocommons.errors import InvalidInput
from geocommons.language import SOURCE_LANGUAGE, Words

Method = Literal["walk", "straight"]
MOST_ID_SIGNS = 60
MeasuredFrom = Literal["boundary", "gates", "centroid"]
MAX_REACH_M = 100_000.0


@dataclass(frozen=True)
class Test:
    """One test of a standard: a site of a size within a distance, or so much of it for each person, or both.

    `reach_m` is what is measured; `minutes` is how the standard speaks of it, and gives the reach (at 4.8 km/h) where
    that is not given. `min_area_m2` is the size of sites that count, None for any. `measured_from` is the part of
    the site that people must reach; on foot, "boundary" is where streets come near it, "gates" are known ones. A test
    without a reach compares an area of sites with the people of a district.
    """

    # The class is no test of pytest's.
    __test__ = False

    id: str
    words: Words
    method: Method = "walk"
    reach_m: float | None = None
    minutes: float | None = None
    min_area_m2: float | None = None
    measured_from: MeasuredFrom = "boundary"
    capacity_m2_per_person: float | None = None

    def __post_init__(self) -> None:
        _refuse_unknown("method", self.method, get_args(Method))
        _refuse_unknown("measured_from", self.measured_from, get_args(MeasuredFrom))
        for name in ("reach_m", "minutes", "min_area_m2", "capacity_m2_per_person"):
            _refuse_unless_positive(self.id, name, getattr(self, name))
        if self.reach_m is None and self.minutes is not None:
            object.__setattr__(self, "reach_m", minutes_to_metres(self.minutes))
        if self.reach_m is None and self.capacity_m2_per_person is None:
            raise InvalidInput("Test {test} asks for nothing. Give it a reach in metres or minutes.", test=self.id)
        if self.reach_m is not None and self.reach_m > MAX_REACH_M:
            raise InvalidInput("The reach of test {test} is over 100 km. Give it in metres.", test=self.id)


@dataclass(frozen=True)
class Standard:
    """A named set of tests, with where it comes from; `note` says what is ours in it."""

    id: str
    title: Words
    source: str
    citation: str
    tests: tuple[Test, ...]
    note: Words | None = None

    def __post_init__(self) -> None:
        if not self.id or not self.tests:
            raise InvalidInput("A standard needs an id and at least one test.")
        if max(map(len, (self.id, *(test.id for test in self.tests)))) > MOST_ID_SIGNS:
            raise InvalidInput("The id of a standard or a test may have {most} signs. Shorten it.", most=MOST_ID_SIGNS)
        names = [test.id for test in self.tests]
        if len(set(names)) < len(names) or not all(names):
            raise InvalidInput("The tests of standard {standard} are not named differently.", standard=self.id)

    def test(self, id: str) -> Test:
        """Return the test with an id."""
        for test in self.tests:
            if test.id == id:
                return test
        raise InvalidInput("Standard {standard} has no test {test}.", standard=self.id, test=id)

    def change(self, id: str, **figures: Any) -> "Standard":
        """Return the standard with other figures in one of its tests; a new `minutes` alone gives a new reach."""
        old = self.test(id)
        unknown = set(figures) - {field.name for field in fields(Test)}
        if unknown:
            raise InvalidInput("A test has no figure {name}.", name=min(unknown))
        if figures.get("minutes") is not None and "reach_m" not in figures:
            figures["reach_m"] = None
        if "reach_m" in figures and "minutes" not in figures:
            figures["minutes"] = None
        new = replace(old, **figures)
        return replace(self, tests=tuple(new if test is old else test for test in self.tests))

    def to_json(self) -> dict[str, Any]:
        """Return the standard as plain values; figures that are not set are left out."""
        plain = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "tests"}
        return _set_values(plain) | {"tests": [_set_values(vars(test)) for test in self.tests]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Standard":
        """Return a standard from plain values, such as a form or a file has, or refuse them in one sentence."""
        given = _known(data, cls, ("id", "title", "tests"))
        tests = given["tests"]
        if not isinstance(tests, list | tuple) or not all(isinstance(test, Mapping) for test in tests):
            raise InvalidInput("The tests of a standard are a list, one set of figures each.")
        made = tuple(Test(**_typed(_known(test, Test, ("id", "words")))) for test in tests)
        return cls(**_typed({"source": "", "citation": ""} | given | {"tests": made}))


def _set_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is set, words as plain dictionaries."""
    return {
        name: dict(value) if isinstance(value, Words) else value for name, value in values.items() if value is not None
    }


def _known(data: Mapping[str, Any], kind: type[Any], needed: tuple[str, ...]) -> dict[str, Any]:
    """Return the values by name, or refuse one that is unknown or missing."""
    unknown = sorted(set(data) - {field.name for field in fields(kind)})
    missing = [name for name in needed if not data.get(name)]
    if unknown:
        raise InvalidInput("A standard has no {name}. Leave it out.", name=unknown[0])
    if missing:
        raise InvalidInput("The standard says no {name}. Add it.", name=missing[0])
    return dict(data)


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Return values of their types: words from a text or a text by language, all other texts as they are."""
    for name in ("title", "words", "note"):
        text = values.get(name)
        if isinstance(text, str):
            values[name] = Words(en=text)
        elif isinstance(text, Mapping) and isinstance(text.get(SOURCE_LANGUAGE), str):
            values[name] = Words(**{str(language): str(word) for language, word in text.items()})
        elif text is not None:
            raise InvalidInput("The {name} of a standard is no text, or has none in English.", name=name)
    for name in ("id", "source", "citation"):
        if not isinstance(values.get(name, ""), str):
            raise InvalidInput("The {name} of a standard is no text.", name=name)
    return values


def _refuse_unknown(name: str, value: object, known: tuple[str, ...]) -> None:
    """Refuse a word that is not one of a few."""
    if value not in known:
        raise InvalidInput(
            "{value} is no {name}. Choose one of: {known}.", value=value, name=name, known=", ".join(known)
        )


def _refuse_unless_positive(test: str, name: str, value: object) -> None:
    """Refuse a figure that is no number over 0."""
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
        raise InvalidInput(
            "The {name} of test {test} is {value}. Give a number over 0.", name=name, test=test, value=value
        )


PARKSERVE = Standard(
    id="parkserve-10-minute-walk",
    title=Words(en="10-minute walk to a park (ParkServe)", nl="10 minuten lopen naar een park (ParkServe)"),
    source="Trust for Public Land",
    citation="Trust for Public Land, ParkServe: About, Methodology and FAQ.",
    tests=(
        Test(
            id="walk",
            words=Words(en="A park within a half-mile walk", nl="Een park binnen een halve mijl lopen"),
            reach_m=805.0,
            minutes=10.0,
        ),
    ),
    note=Words(
        en="Half a mile (805 m) of streets from access points where a street comes near the park's boundary.",
        nl="Een halve mijl (805 m) over straat vanaf toegangen waar een straat dicht bij de rand van het park komt.",
    ),
)
WHO = Standard(
    id="who-300m",
    title=Words(en="Green space within 300 m (WHO Europe)", nl="Groen binnen 300 m (WHO Europa)"),
    source="World Health Organization, Regional Office for Europe",
    citation=(
        "WHO Europe (2016), Urban green spaces and health; Annerstedt van den Bosch et al. (2016), Development of an "
        "urban green space indicator and the public health rationale."
    ),
    tests=(
        Test(
            id="green",
            words=Words(
                en="Green space of 0.5 ha or more within 300 m in a straight line",
                nl="Groen van 0,5 ha of meer binnen 300 m hemelsbreed",
            ),
            method="straight",
            reach_m=300.0,
            min_area_m2=5_000.0,
        ),
    ),
)
ACCESSIBLE_GREENSPACE = Standard(
    id="accessible-greenspace",
    title=Words(
        en="Accessible Greenspace Standards, near home and capacity", nl="Toegankelijk groen dichtbij en genoeg (AGS)"
    ),
    source="Natural England",
    citation="Natural England, Green Infrastructure Framework: Accessible Greenspace Standards.",
    tests=(
        Test(
            id="doorstep",
            words=Words(en="Doorstep: 0.5 ha or more within 200 m", nl="Naast de deur: 0,5 ha of meer binnen 200 m"),
            method="straight",
            reach_m=200.0,
            min_area_m2=5_000.0,
        ),
        Test(
            id="local",
            words=Words(en="Local: 2 ha or more within 300 m", nl="In de straat: 2 ha of meer binnen 300 m"),
            method="straight",
            reach_m=300.0,
            min_area_m2=20_000.0,
        ),
        Test(
            id="neighbourhood",
            words=Words(en="Neighbourhood: 10 ha or more within 1 km", nl="In de buurt: 10 ha of meer binnen 1 km"),
            method="straight",
            reach_m=1_000.0,
            min_area_m2=100_000.0,
        ),
        Test(
            id="capacity",
            words=Words(en="Capacity: 3 ha for 1,000 people", nl="Genoeg: 3 ha voor 1.000 mensen"),
            method="straight",
            capacity_m2_per_person=30.0,
        ),
    ),
    note=Words(
        en="The wider, district and sub-regional tests are left out: their figures were not checked at the source.",
        nl="De toetsen voor wijdere omgeving, district en regio ontbreken; hun cijfers zijn niet bij de bron nagezien.",
    ),
)
THREE_THIRTY = Standard(
    id="300-of-3-30-300",
    title=Words(en="The 300 of 3-30-300", nl="De 300 van 3-30-300"),
    source="Nature Based Solutions Institute",
    citation="Konijnendijk (2021), The 3-30-300 rule for urban forestry and greener cities.",
    tests=(
        Test(
            id="green",
            words=Words(en="Public green within 300 m", nl="Openbaar groen binnen 300 m"),
            reach_m=300.0,
        ),
    ),
    note=Words(
        en="The rule leaves open whether the 300 m are walked or straight; here they are walked.",
        nl="De regel zegt niet of de 300 m gelopen of hemelsbreed zijn; hier zijn ze gelopen.",
    ),
)
TEN_MINUTES = Standard(
    id="ten-minute-walk",
    title=Words(en="10-minute walk", nl="10 minuten lopen"),
    source="GeoCommons",
    citation="10 minutes at 4.8 km/h are 800 m.",
    tests=(
        Test(
            id="walk",
            words=Words(en="A place within a 10-minute walk", nl="Een plek binnen 10 minuten lopen"),
            minutes=10.0,
        ),
    ),
)
STANDARDS: Mapping[str, Standard] = MappingProxyType(
    {standard.id: standard for standard in (TEN_MINUTES, PARKSERVE, WHO, ACCESSIBLE_GREENSPACE, THREE_THIRTY)}
)
"""The published standards by id; the default first."""
