"""Methods without opportunities, peer groups or metrics: each is released, previewed and read."""

import json

import pytest

from infra.local.stack import LocalStack
from tests.support.pipeline.programme import METHOD_KEY, objects, receipt
from tests.support.pipeline.schools import (
    BUDGET,
    GROUPS,
    METRICS,
    OPPORTUNITIES,
    PROGRAMME,
    WHOLE,
    addresses,
    budgets,
    land_schools,
    method,
    reader_of,
)

PARTS = {
    "no opportunities": (METRICS, GROUPS),
    "no groups": (METRICS, OPPORTUNITIES),
    "metrics alone": (METRICS,),
    "groups alone": (GROUPS,),
    "data alone": (),
}


@pytest.mark.parametrize("parts", PARTS.values(), ids=PARTS)
def test_a_method_without_some_parts_is_released_and_read(parts: tuple[str, ...]) -> None:
    with LocalStack({"Build": "1"}) as stack:
        land_schools(stack, method(PROGRAMME, BUDGET, *parts))
        assert stack.dead_letters() == {}
        service = reader_of(stack)
        assert len(service.get("/v1/trusts").json()["trusts"]) == 8
        for path, query in addresses(service):
            absent = "opportunities/spend" in path and OPPORTUNITIES not in parts
            assert service.get(path, query).status == (404 if absent else 200), path
        expected = 3 if GROUPS in parts else 0
        assert len(service.get("/v1/trusts/1001/peers").json()["peers"]) == expected


@pytest.mark.parametrize("parts", [(METRICS, GROUPS), (GROUPS,), ()], ids=["no opportunities", "groups alone", "data"])
@pytest.mark.parametrize("first", [True, False], ids=["losing them", "gaining them"])
def test_a_method_that_loses_or_gains_parts_is_previewed(parts: tuple[str, ...], first: bool) -> None:
    methods = [method(WHOLE), method(PROGRAMME, BUDGET, *parts)][:: 1 if first else -1]
    with LocalStack({"Build": "1"}) as stack:
        land_schools(stack, methods[0])
        stack.land(METHOD_KEY.replace("/1/", "/2/"), methods[1].encode())
        stack.run_until_idle()
        key = "dry-run/budget/2024/budgets.csv"
        version = stack.land(key, budgets(3))
        stack.run_until_idle()
        assert stack.dead_letters() == {}
        (comparison,) = objects(stack, "comparisons/").values()
        impact = json.loads(comparison)["impact"]
        assert impact["counts"]["vanish" if first else "appear"] == 5
        assert receipt(stack, key, version)["impact"]["state"] == "done"
