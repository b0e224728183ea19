"""Landed prices through the real events: figures and answers use them, in whatever order they were landed, until they
are withdrawn."""

import io
import json
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pyarrow.parquet as pq
import pytest

from infra.local.stack import LocalStack
from shared.method.load import documents_json, parse
from tests.support.api.asking import ask
from tests.support.pipeline.priced import PRICED, price_list, visit
from tests.support.pipeline.programme import current_release, objects, pointer, receipt, released_rows, small_stack
from tests.support.pipeline.small import work

WORK = "work/2025-01/a.csv"
LIST = "prices/2025/list.csv"

# RA6 costs 700 for 16 m2. The others of its kind cost 100 for 10, 374 for 12 and 537 for 14; their lower quartile is in
# the middle of the first two values, their median the second.
VALUES = [Fraction(100, 10), Fraction(374, 12), Fraction(537, 14)]
CASH = {"lower": 700 - 16 * VALUES[1], "upper": 700 - 16 * (VALUES[0] + VALUES[1]) / 2}


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with small_stack(files={WORK: work(1)}, method=PRICED) as running:
        yield running


def settle(stack: LocalStack) -> str:
    """The id of the release that readers see, once everything has come to rest."""
    stack.run_until_idle()
    assert stack.dead_letters() == {}
    shown = pointer(stack)
    assert shown is not None
    return str(shown["release_id"])


def of_ra6(stack: LocalStack) -> dict[str, Any]:
    (row,) = [row for row in released_rows(stack, "opportunities") if row["trust_code"] == "RA6"]
    return row


def visits_at(price: float) -> dict[str, Any]:
    return {f"activity_{end}": pytest.approx(float(cash) / price) for end, cash in CASH.items()}


def get(stack: LocalStack, path: str, **query: str) -> dict[str, Any]:
    answer = ask(stack, "GET", path, query=query)
    assert answer.status == 200
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_a_landed_price_is_used_named_and_the_cause_of_the_change(stack: LocalStack) -> None:
    first = settle(stack)
    before = current_release(stack)
    assert before["method.json"] == documents_json(parse(PRICED))
    assert of_ra6(stack).items() >= visits_at(50).items()

    version = stack.land(LIST, price_list(visit("£80.00")))
    second = settle(stack)
    assert receipt(stack, LIST, version)["status"] == "accepted"
    assert of_ra6(stack).items() >= visits_at(80).items()
    after = current_release(stack)
    moved = {name for name, body in before.items() if name.endswith(".parquet") and _rows(body) != _rows(after[name])}
    of_opportunities = {"opportunities.parquet", "by_opportunity.parquet", "figures.parquet"}
    assert moved == {*of_opportunities, "trend/cost.parquet", "totals.parquet"}
    manifest = json.loads(after["manifest.json"])
    assert [one["slot"] for one in manifest["inputs"]] == ["prices/2025", "roll/2025", "work/2025-01"]

    prices = {one["price_id"]: one for one in get(stack, "/v1/methodology")["prices"]}
    assert prices["visit"].items() >= {"value": 80, "price_year": "2025-26", "source": "Our accounts"}.items()
    assert (prices["visit"]["status"], prices["bed_day"]["value"]) == ("published", 300)
    answer = get(stack, "/v1/trusts/RA6/opportunities/cost")
    (used,) = answer["receipt"]["prices"]
    assert used["value"] == 80
    assert "Our accounts" in used["words"]

    (changed,) = get(stack, f"/v1/releases/{second}/changes", since=first, trust="RA6")["trusts"]
    (change,) = changed["changes"]
    figures = {one["figure"]: one for one in change["figures"]}
    for end, cash in CASH.items():
        total = pytest.approx(float(cash) / 80 - float(cash) / 50)
        parts = figures[f"activity_{end}"]["parts"]
        assert figures[f"activity_{end}"]["total"] == total
        assert parts["method_changed"] == total
        assert (parts["own_value"], parts["benchmark_moved"], parts["comparators_changed"]) == (0, 0, 0)
        assert figures[f"cash_{end}"]["total"] == 0
    assert change["notes"] == ["The price visit is now 80; it was 50."]


def _rows(body: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(body)).to_pylist()
    return rows


def test_withdrawn_prices_lead_back_to_the_same_release(stack: LocalStack) -> None:
    first = settle(stack)
    before = current_release(stack)
    stack.land(LIST, price_list(visit("80")))
    assert settle(stack) != first
    stack.delete(LIST)
    assert settle(stack) == first
    assert current_release(stack) == before


def test_the_newest_edition_counts_in_whatever_order_they_were_landed() -> None:
    old = price_list(visit("70", source="Old"), "bed_day,310,GBP per bed day,2024-25,Old,published")
    files = [
        ("prices/2024/a.csv", old),
        ("prices/2025-03/b.csv", price_list(visit("80", source="New"))),
        (WORK, work(1)),
    ]
    releases = []
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        with small_stack(method=PRICED) as stack:
            for place in order:
                stack.land(*files[place])
                stack.run_until_idle()
            releases.append((settle(stack), current_release(stack)))
            assert of_ra6(stack).items() >= visits_at(80).items()
            prices = {one["price_id"]: one for one in get(stack, "/v1/methodology")["prices"]}
            assert (prices["visit"]["source"], prices["visit"]["value"]) == ("New", 80)
            assert (prices["bed_day"]["source"], prices["bed_day"]["value"]) == ("Old", 310)
    assert releases[0] == releases[1] == releases[2]


def test_a_price_in_another_unit_is_rejected_and_the_one_before_stays(stack: LocalStack) -> None:
    stack.land(LIST, price_list(visit("80")))
    first = settle(stack)
    version = stack.land(LIST, price_list(visit("0.08", unit="GBP thousand per visit")))
    assert settle(stack) == first
    rejected = receipt(stack, LIST, version)
    assert (rejected["status"], [one["rule"] for one in rejected["findings"]]) == ("rejected", ["price_unit"])
    assert of_ra6(stack).items() >= visits_at(80).items()


def test_a_method_with_another_unit_has_the_prices_judged_again(stack: LocalStack) -> None:
    stack.land(LIST, price_list(visit("80")))
    settle(stack)
    other = PRICED.replace("unit: GBP per visit", "unit: GBP per contact").replace("unit: visit}", "unit: contact}")
    stack.land("method/2/method.yaml", other.encode())
    settle(stack)
    preview = pointer(stack, "preview")
    assert preview is not None
    body = objects(stack, f"releases/{preview['release_id']}/method.json").popitem()[1]
    assert body == documents_json(parse(other))


def test_a_dry_run_says_what_prices_would_change(stack: LocalStack) -> None:
    first = settle(stack)
    key = f"dry-run/{LIST}"
    version = stack.land(key, price_list(visit("80")))
    assert settle(stack) == first
    impact = receipt(stack, key, version)["impact"]
    assert impact["state"] == "done"
    assert impact["would_be"] != impact["compared_with"] == first
    assert of_ra6(stack).items() >= visits_at(50).items()
