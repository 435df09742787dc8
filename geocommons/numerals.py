"""Numbers, measures and days the way a reader of a language writes them."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_day_names, get_month_names
from babel.numbers import format_decimal, format_percent, get_decimal_symbol


def number(value: float, language: str, digits: int = 0, *, least: int = 0) -> str:
    """Return a number with the reader's separators and at most so many decimals, `least` of them even if they are 0."""
    decimals = "0" * least + "#" * (digits - least)
    return format_decimal(round(value, digits), format=f"#,##0.{decimals}" if decimals else "#,##0", locale=language)


def count_decimals(text: str, language: str) -> int:
    """Return how many decimals a number, a share, a length or an area has, as a reader's language writes it."""
    return sum(map(str.isdigit, text.partition(get_decimal_symbol(language))[2]))


@dataclass(frozen=True)
class Amount:
    """A number that fills a sentence, said as `number` does in the language of the sentence."""

    value: float
    digits: int = 0

    def say(self, language: str) -> str:
        """Return the number in a language."""
        return number(self.value, language, self.digits)

    def __str__(self) -> str:
        """Return the number in English, as the sentences of refusals are kept."""
        return self.say("en")


def percent(share: float | None, language: str, *, least: int = 0) -> str:
    """Return a share from 0 to 1 as a percentage with one decimal below 10 %, or a dash where there is none.

    With `least` it has that decimal everywhere.
    """
    if share is None:
        return "–"
    # What is not all is never shown as 100 %.
    shown = min(share, 0.999) if share < 1 else share
    if least:
        return format_percent(shown, format="0.0%", locale=language)
    return format_percent(shown, format="0.#%" if shown < 0.1 or shown > 0.99 else "0%", locale=language)


def day(value: date | str, language: str, width: str = "long") -> str:
    """Return a day in words ("1 May 2024"); text is read as ISO 8601."""
    value = date.fromisoformat(value) if isinstance(value, str) else value
    return format_date(value, format=width, locale=DAY_LOCALES.get(language, language))


DAY_LOCALES = {"en": "en_GB"}
"""English days the way most of the world writes them: day, month, year."""


def moment(value: datetime, language: str, zone: str) -> str:
    """Return a moment in words, by the clock on the wall of a time zone."""
    locale = DAY_LOCALES.get(language, language)
    return format_datetime(value, format="d MMMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=locale)


def area(value_m2: float, language: str, *, least: int = 0) -> str:
    """Return an area in m2, or in hectares from one hectare up."""
    if value_m2 >= 10_000:
        return f"{number(value_m2 / 10_000, language, 2, least=least)} ha"
    return f"{number(value_m2, language)} m²"


def metres(value_m: float, language: str, *, least: int = 0) -> str:
    """Return a length in m, or in km from one kilometre up."""
    if value_m >= 1_000:
        return f"{number(value_m / 1_000, language, 2, least=least)} km"
    return f"{number(value_m, language)} m"


# As OpenStreetMap writes them.
WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOURS_PART = re.compile(rf"{'|'.join((*WEEK, *MONTHS))}|sunrise|sunset|\d\d:\d\d|[-, ;]+")
SUN = {"en": {"sunrise": "sunrise", "sunset": "sunset"}, "nl": {"sunrise": "zonsopkomst", "sunset": "zonsondergang"}}


def opening_words(hours: str, language: str) -> str:
    """Return opening hours, as OpenStreetMap writes days, months and times, for a reader; others as they are."""
    if "".join(HOURS_PART.findall(hours)) != hours:
        return hours
    days, months = (names("abbreviated", locale=language) for names in (get_day_names, get_month_names))
    words = {name: days[at] for at, name in enumerate(WEEK)} | {name: months[at + 1] for at, name in enumerate(MONTHS)}
    words |= SUN.get(language, SUN["en"]) | {"-": " – ", ",": ", ", ";": "; "}
    return re.sub(r" +", " ", "".join(words.get(part.strip() or part, part) for part in HOURS_PART.findall(hours)))
