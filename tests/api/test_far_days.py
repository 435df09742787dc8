"""Every public door refuses a day that years cannot be counted from, in a sentence."""

import pytest
from starlette.testclient import TestClient

DOORS = (
    "/", "/list", "/sites/1", "/analyses/health", "/analyses/change", "/api/counts",
    "/ogc/collections/rivers/items", "/ogc/collections/rivers/tiles/WebMercatorQuad/14/5402/8419",
)  # fmt: skip


@pytest.mark.parametrize("path", DOORS)
def test_a_far_day_is_refused_in_a_sentence(client: TestClient, path: str) -> None:
    for at in ("0001-01-01", "0005-12-31", "0006-01-01", "9999-12-31"):
        answer = client.get(path, params={"at": at})
        assert answer.status_code == 400, at
        assert "is too far away to ask about" in answer.text
