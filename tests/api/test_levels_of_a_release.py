"""Peers of levels that are compared by data of different years."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from tests.support.api.programme import METHOD
from tests.support.api.published import Service, trusts


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    """RAA and RAB are practices with peers of 2024, RAC and RAD networks with peers of 2019."""
    method = deepcopy(METHOD)
    programme = next(content["programme"] for _, content in method if "programme" in content)
    programme["population"]["levels"] = [
        {"id": "practice"},
        {"id": "network", "measure": "net", "organisation": {"one": "network", "many": "networks"}},
    ]
    monkeypatch.setattr("tests.support.api.published.METHOD", method)
    made = Service()
    levels = {"RAA": "practice", "RAB": "practice", "RAC": "network", "RAD": "network"}
    listed = [row | {"level": levels.get(row["trust_code"], "practice")} for row in trusts()]

    def pair(one: str, other: str, year: int) -> dict[str, Any]:
        return {
            "group_id": "recommended", "trust_code": one, "peer_code": other, "rank": 1, "distance": 1.0,
            "role": "peer", "period": str(year), "period_end": date(year, 12, 31),
        }  # fmt: skip

    pairs = [pair("RAA", "RAB", 2024), pair("RAB", "RAA", 2024), pair("RAC", "RAD", 2019), pair("RAD", "RAC", 2019)]
    made.publish(trusts=listed, peers=pairs)
    return made


def test_each_level_has_its_own_newest_period(service: Service) -> None:
    for code, year, peer in (("RAA", "2024", "RAB"), ("RAC", "2019", "RAD")):
        body = service.get(f"/v1/trusts/{code}/peers", {"group": "recommended"}).json()
        assert (body["period"], body["periods"], [one["trust_code"] for one in body["peers"]]) == (year, [year], [peer])
        assert service.releases.current().members("recommended", code, date(2025, 3, 31)) == {peer}
