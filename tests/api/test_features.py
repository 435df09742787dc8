"""Sites as GeoJSON, as any client of OGC API - Features asks for them."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import SECRET
from tests.make import STEP

PARCELS = "/ogc/collections/clt-parcels/items"


def items(client: TestClient, query: str) -> dict[str, Any]:
    answer = client.get(f"{PARCELS}?{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/geo+json"
    found: dict[str, Any] = answer.json()
    return found


def refs(found: dict[str, Any]) -> list[str]:
    return [feature["properties"]["ref"] for feature in found["features"]]


def box(west: float, south: float, east: float, north: float) -> str:
    """Return a box in steps of the grid of parcels."""
    return f"{5 + west * STEP:.6f},{52 + south * STEP:.6f},{5 + east * STEP:.6f},{52 + north * STEP:.6f}"


def test_a_box_holds_what_touches_it_and_says_how_many(client: TestClient) -> None:
    found = items(client, f"bbox={box(0.5, 0.5, 1.5, 1.5)}")
    assert refs(found) == ["P0", "P1", "P6", "P7"]
    assert (found["numberMatched"], found["numberReturned"]) == (4, 4)


def test_the_state_of_a_feature_is_that_of_the_day(client: TestClient) -> None:
    said = {
        day: items(client, f"q=Plot%207&at={day}")["features"][0]["properties"]["status"]
        for day in ("2019-12-31", "2020-01-01", "2029-12-31", "2030-01-01")
    }
    assert said == {
        "2019-12-31": "available",
        "2020-01-01": "cared_for",
        "2029-12-31": "lapsing",
        "2030-01-01": "available",
    }
    moment = items(client, "q=Plot%207&datetime=2019-12-31T23:00:00Z")
    assert moment["features"][0]["properties"]["status"] == "available"


def test_pages_follow_each_other_to_the_end(client: TestClient) -> None:
    path, seen = f"{PARCELS}?limit=10", []
    while path:
        page = client.get(path).json()
        assert page["numberMatched"] == 36
        seen += refs(page)
        following = [link["href"] for link in page["links"] if link["rel"] == "next"]
        path = following[0].removeprefix("http://testserver") if following else ""
    assert len(seen) == len(set(seen)) == 36


def test_no_answer_is_larger_than_the_setting_allows(client: TestClient) -> None:
    found = items(client, "limit=5000")
    assert (found["numberMatched"], found["numberReturned"]) == (36, 20)


def test_statuses_choose_and_count(client: TestClient) -> None:
    found = items(client, "status=cared_for,lapsing&at=2025-01-01")
    assert refs(found) == ["P7"]
    assert items(client, "status=available&at=2025-01-01&limit=1")["numberMatched"] == 35


def test_one_feature_has_the_links_that_the_standard_asks_for(client: TestClient) -> None:
    first = items(client, "limit=1")["features"][0]
    alone = client.get(f"{PARCELS}/{first['id']}").json()
    assert {link["rel"] for link in alone.pop("links")} >= {"self", "collection"}
    assert alone == first


def test_who_did_not_agree_to_be_named_is_named_nowhere(client: TestClient) -> None:
    public = ["/", "/list", f"{PARCELS}?limit=20", "/ogc/collections/rivers/items", "/ogc/collections", "/api/counts"]
    for path in public:
        text = client.get(path).text
        assert SECRET not in text and "SECRET-DEED" not in text
    assert "Otters" in client.get("/ogc/collections/rivers/items").text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=abc", "“abc” is not a number for limit. Write a whole number from 1 on."),
        ("limit=0", "“0” is not a number for limit. Write a whole number from 1 on."),
        ("offset=-1", "“-1” is not a number for offset. Write a whole number from 0 on."),
        ("bbox=1,2,3", "“1,2,3” is not a box. Write west,south,east,north in degrees."),
        ("bbox=1,52,2,nan", "“1,52,2,nan” is not a box. Write west,south,east,north in degrees."),
        ("bbox=1,52,2,51", "“1,52,2,51” is not a box. Write west,south,east,north in degrees."),
        ("at=2024-02-31", "“2024-02-31” is not a day. Write it like 2024-05-01."),
        ("datetime=2024-01-01/2024-02-01", "“2024-01-01/2024-02-01” is not a day. Write it like 2024-05-01."),
        ("colour=red", "There is no parameter “colour” here."),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_sentence(client: TestClient, query: str, sentence: str) -> None:
    answer = client.get(f"{PARCELS}?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(sentence)


def test_a_box_over_the_antimeridian_is_two(client: TestClient) -> None:
    assert items(client, "bbox=170,-80,-170,80")["numberMatched"] == 0
    assert items(client, "bbox=4,-80,-170,80&limit=1")["numberMatched"] == 36


def test_who_has_the_answer_is_not_sent_it_again_until_something_changes(client: TestClient) -> None:
    tag = client.get(f"{PARCELS}?limit=3").headers["etag"]
    assert client.get(f"{PARCELS}?limit=3", headers={"if-none-match": tag}).status_code == 304
    with client.app.state.store.writing():  # type: ignore[attr-defined]
        pass
    assert client.get(f"{PARCELS}?limit=3", headers={"if-none-match": tag}).status_code == 200


def test_every_collection_says_where_it_is(client: TestClient) -> None:
    found = client.get("/ogc/collections").json()["collections"]
    by_id = {collection["id"]: collection for collection in found}
    assert by_id["clt-parcels"]["extent"]["spatial"]["bbox"] == [[5.0, 52.0, 5.0 + 6 * STEP, 52.0 + 6 * STEP]]
    assert "extent" not in by_id["gardens"]
    assert client.get("/ogc/collections/rivers?lang=nl").json()["title"] != by_id["rivers"]["title"]
