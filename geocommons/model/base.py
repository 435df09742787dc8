"""What every mapped class shares: naming of constraints, and column types that both databases read alike."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, MetaData, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from geocommons.errors import InvalidInput

FIRST_DAY = date(1, 1, 1)
"""Stands for "always" where a period has no first day."""
LAST_DAY = date(9999, 12, 31)
"""Stands for "until further notice" where a period has no end."""
FIRST_ASKED, LAST_ASKED = date(1000, 1, 1), date(2999, 12, 31)
"""Days that may be asked about: years are counted back and on from them, and neither end is one that stands for none.
"""


class Instant(TypeDecorator[datetime]):
    """A moment as aware UTC; SQLite has no time zones, so there it is stored as naive UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment, and store the rest as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must be aware")
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware moment in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


OrderedText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in one order on every database: that of its characters."""


MOST_ID = 2**31 - 1
"""The highest number that a row can have: PostgreSQL refuses to look for another, SQLite for one of 64 bits."""
MOST_REF_SIGNS = 200
"""How long a ref or a key may be: the indexes of PostgreSQL hold a few hundred letters."""
LINE = "\n"
"""Texts that hold none may be put in lines, treated as one, and taken out again."""


def fold(*texts: str) -> str:
    """Return texts without case and accents, in one: what lists are sorted by and searches look in."""
    text = " ".join(texts)
    if text.isascii():
        return text.casefold()
    split = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in split if not unicodedata.combining(sign)).casefold()


def fold_rows(*columns: Sequence[str]) -> list[str]:
    """Return `fold` of each row of some columns."""
    rows = [" ".join(row) for row in zip(*columns, strict=True)]
    whole = LINE.join(rows)
    folded = whole.casefold().split(LINE) if whole.isascii() else []
    return folded if len(folded) == len(rows) else list(map(fold, rows))


class Base(DeclarativeBase):
    """The register's tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, dict[str, Any]: JSON, list[Any]: JSON, list[str]: JSON}  # noqa: RUF012 (SQLAlchemy reads it)


def refuse_far_day(day: date) -> date:
    """Return a day that may be asked about, or refuse it."""
    if not FIRST_ASKED <= day <= LAST_ASKED:
        raise InvalidInput(
            "{day} is too far away to ask about. Name a day from {first} to {last}.",
            day=day.isoformat(), first=FIRST_ASKED.isoformat(), last=LAST_ASKED.isoformat(),
        )  # fmt: skip
    return day
