"""Rows that come by the column: what goes in comes out, alike on both databases."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import shapely
from alembic.config import Config
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from geocommons.model.site import Site
from geocommons.store.bulk import prepare_insert
from geocommons.store.engine import Store
from geocommons.store.schema import MIGRATIONS, known_revisions

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"))
doubles = st.floats(allow_nan=False, allow_infinity=False)
days = st.dates(min_value=date(1, 1, 1))
rows = st.fixed_dictionaries(
    {
        "name": words,
        "length_m": doubles,
        "area_m2": st.none() | doubles,
        "certainty": st.integers(0, 10),
        "since": st.none() | days,
        "geom": st.builds(shapely.Point, st.floats(-180, 180), st.floats(-90, 90)),
    }
)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(rows, min_size=1, max_size=4), state_to=days, moment=st.datetimes(min_value=datetime(1900, 1, 1))
)
def test_every_value_comes_back_as_it_went_in(
    store: Store, values: list[dict[str, Any]], state_to: date, moment: datetime
) -> None:
    columns: dict[str, list[Any]] = {name: [row[name] for row in values] for name in values[0]}
    columns |= {"id": list(range(1, len(values) + 1)), "ref": [str(at) for at in range(len(values))]}
    columns["geom"] = [shapely.to_wkb(shape) for shape in columns["geom"]]
    same = dict.fromkeys(("folded", "checksum", "fragment", "state", "status"), "é") | {
        "layer": "gardens", "west": 0, "south": 1.5, "east": 1.5, "north": 2.0, "facts": '{"a": 1}', "parent_id": None,
        "state_from": date(1, 1, 1), "state_to": state_to, "updated_at": moment.replace(tzinfo=UTC),
    }  # fmt: skip
    with store.writing() as session:
        session.execute(delete(Site), execution_options={"noted": True})
        prepare_insert(store.engine.dialect.name, Site, columns, same)(session)
    with store.reading() as session:
        found = list(session.scalars(select(Site).order_by(Site.id)))
    assert [{name: getattr(site, name) for name in values[0]} for site in found] == values
    for site in found:
        assert (site.folded, site.facts, site.parent_id, site.state_to) == ("é", {"a": 1}, None, state_to)
        assert site.updated_at == moment.replace(tzinfo=UTC)


def test_a_moment_of_another_time_zone_is_the_same_moment(store: Store) -> None:
    noon = datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    columns = {"id": [1, 2], "ref": ["a", "b"], "geom": [shapely.to_wkb(shapely.Point(5, 52))] * 2}
    same = dict.fromkeys(("name", "folded", "checksum", "fragment", "layer"), "") | dict.fromkeys(
        ("west", "south", "east", "north", "certainty"), 1
    )
    with store.writing() as session:
        prepare_insert(store.engine.dialect.name, Site, columns, same | {"facts": "{}", "updated_at": noon})(session)
    with store.reading() as session:
        assert set(session.scalars(select(Site.updated_at))) == {datetime(2026, 5, 1, 10, tzinfo=UTC)}


def test_the_versions_are_those_of_the_migrations_the_newest_first() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert known_revisions() == [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
