"""Where a trust stands: fields, sentences, filters and orders of lists, national totals and metrics."""

from typing import Any

import pytest

from functions.api.explain.standing import standing_sentence, total_sentence
from shared.method.measures import Metric
from shared.method.names import Organisation
from tests.support.api.published import AT, Service, metrics, opportunities
from tests.support.api.rows import COST
from tests.support.small_programme import METRIC

# Of 10, 20, 30, 40, 50, 60 and 70, where less is better: 50 is 5th of 7, worse ones are 60 and 70 of six others.
# Boundaries of quarters are 25, 40 and 55. Its peers are 10, 20, 30, 40 and 60: it is 5th of 6.
RAA = {
    "national_rank": 5, "national_of": 7, "percentile": 200 / 6, "quartile": 3, "band": None, "peer_rank": 5,
    "peer_of": 6, "compared": "worse", "distance_lower": 20.0, "distance_upper": 30.0, "distance_cash_lower": 200_000.0,
    "distance_cash_upper": 300_000.0, "cash_per_year_lower": 200_000 * 365 / 366,
    "cash_per_year_upper": 300_000 * 365 / 366, "peer_median": 30.0, "peer_quartile": 20.0, "national_median": 35.0,
    "national_quartile": 22.5, "within_chance": True,
}  # fmt: skip
RAF = RAA | {
    "national_rank": 6, "percentile": 100 / 6, "quartile": 4, "peer_rank": None, "peer_of": None, "peer_median": None,
    "peer_quartile": None, "compared": None, "cash_per_year_upper": 374_000.0,
}  # fmt: skip
# 50 against 55: £5 a square metre ahead, of 10,000.
AHEAD = {
    "national_rank": 1, "national_of": 7, "percentile": 100.0, "quartile": 1, "compared": "similar",
    "distance_lower": -10.0, "distance_upper": -5.0, "distance_cash_lower": -100_000.0,
    "distance_cash_upper": -50_000.0, "cash_per_year_upper": 0.0,
}  # fmt: skip
STANDING = {("RAA", "cleaning_cost"): RAA, ("RAF", "cleaning_cost"): RAF, ("RAA", "soft_fm_cost"): AHEAD}
TOTAL = AT | {
    "opportunity_id": "cleaning_cost", "trusts": 2, "unit": "GBP", "units_lower": 450_000.0, "units_upper": 675_000.0,
    "cash_lower": 450_000.0, "cash_upper": 675_000.0, "cash_per_year_upper": 673_000.0, "cash_trusts": 2,
    "activity_trusts": 0, "staff_trusts": 0,
}  # fmt: skip
LIST = "/v1/trusts/RAA/opportunities"


@pytest.fixture(scope="module")
def service() -> Service:
    made = Service()
    rows = [row | STANDING.get((row["trust_code"], row["opportunity_id"]), {}) for row in opportunities()]
    stands = {"national_rank": 5, "national_of": 7, "percentile": 200 / 6, "quartile": 3}
    held = [row | stands if (row["trust_code"], row["metric_id"]) == ("RAA", "cleaning") else row for row in metrics()]
    made.publish(opportunities=rows, metrics=held, totals=[TOTAL])
    return made


def lines(service: Service, path: str = LIST, **query: str) -> list[dict[str, Any]]:
    body = service.get(path, query).json()
    found: list[dict[str, Any]] = body["opportunities"] if "opportunities" in body else body["trusts"]
    return found


def named(rows: list[dict[str, Any]]) -> list[str]:
    return [row["opportunity_id"] for row in rows]


def test_a_line_says_where_its_trust_stands_in_figures_and_words(service: Service) -> None:
    row = next(row for row in lines(service) if row["opportunity_id"] == "cleaning_cost")
    assert {name: row[name] for name in RAA} == RAA
    assert row["standing"] == (
        "The trust's rank is 5th of 7 trusts (1st is best), in the third best quarter. It is better than 33.3% of the "
        "others, so its percentile is 33.3. Among its peers and itself its rank is 5th of 6."
    )


def test_a_trust_that_is_ahead_is_given_the_distance(service: Service) -> None:
    row = lines(service, status="at_or_better_than_benchmark")[0]
    assert (row["distance_upper"], row["distance_cash_upper"], row["units_upper"]) == (-5.0, -50_000.0, 0.0)
    assert row["standing"] == (
        "The trust's rank is 1st of 7 trusts (1st is best), in the best quarter. It is better than 100% of the others, "
        "so its percentile is 100. It is £5 per m² ahead of its ambitious benchmark. At the benchmark it would spend "
        "£50,000 more from 1 April 2019 to 31 March 2020. The difference from its benchmark may be due to chance (at "
        "95%)."
    )


def test_a_value_that_is_not_compared_has_no_standing(service: Service) -> None:
    row = next(row for row in lines(service, status="all") if row["opportunity_id"] == "medicines_spend")
    assert (row["national_rank"], row["percentile"], row["standing"]) == (None, None, None)


def test_the_calculation_ends_with_the_standing_and_both_benchmarks(service: Service) -> None:
    told = service.get(f"{LIST}/cleaning_cost").json()
    step = told["receipt"]["steps"][-1]
    assert (step["step"], step["unit"], step["value"]) == ("standing", "percentile", pytest.approx(200 / 6))
    assert step["words"].endswith(
        "Of its peers, the median is £30 per m² and the best quarter begins at £20 per m². "
        "Of all others, the median is £35 per m² and the best quarter begins at £22.50 per m²."
    )
    # Tenths of six steps from 10 to 70.
    assert told["distribution"]["deciles"] == pytest.approx([16, 22, 28, 34, 40, 46, 52, 58, 64])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"quartile": "3"}, ["cleaning_cost"]),
        ({"quartile": "1,3", "status": "all"}, ["cleaning_cost", "soft_fm_cost"]),
        # A value that is ahead has no gain, and is asked for all the same.
        ({"quartile": "1"}, ["soft_fm_cost"]),
        ({"quartile": "1,3"}, ["cleaning_cost", "soft_fm_cost"]),
        ({"quartile": "1", "status": "opportunity"}, []),
        ({"compared": "similar"}, ["soft_fm_cost"]),
        ({"compared": "similar", "status": "opportunity"}, []),
        ({"quartile": "2"}, []),
        ({"compared": "worse"}, ["cleaning_cost"]),
        ({"compared": "similar,better", "status": "all"}, ["soft_fm_cost"]),
        ({"at_least": "299000"}, ["cleaning_cost"]),
        ({"at_least": "299181"}, []),  # 300,000 × 365 / 366 is 299,180.33
        ({"at_least": "0", "status": "all"}, ["cleaning_cost", "soft_fm_cost"]),
        ({"quartile": "3", "compared": "better"}, []),
        ({"within_chance": "true"}, ["cleaning_cost"]),
        (
            {"within_chance": "false"},
            ["sickness_absence", "space_target", "seen_share", "finance_cost", "long_stays"],
        ),
    ],
)
def test_a_trusts_list_is_filtered_by_where_it_stands(
    service: Service, query: dict[str, str], expected: list[str]
) -> None:
    assert named(lines(service, **query)) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"quartile": "5"},
        {"quartile": "best"},
        {"compared": "equal"},
        {"at_least": "-1"},
        {"order": "size"},
        {"within_chance": "maybe"},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(service: Service, query: dict[str, str]) -> None:
    refused = service.get(LIST, query)
    assert (refused.status, refused.json()["parameter"]) == (400, next(iter(query)))


def test_the_order_by_percentile_has_the_worst_first_and_the_unranked_last_on_every_page(service: Service) -> None:
    seen: list[str] = []
    query = {"status": "all", "order": "percentile", "limit": "3"}
    while True:
        body = service.get(LIST, query).json()
        seen += named(body["opportunities"])
        if body["next_cursor"] is None:
            break
        query["cursor"] = body["next_cursor"]
    unranked = sorted({row["opportunity_id"] for row in opportunities()} - {"cleaning_cost", "soft_fm_cost"})
    assert seen == ["cleaning_cost", "soft_fm_cost", *unranked]


def test_the_order_by_percentile_has_values_that_are_ahead_too(service: Service) -> None:
    assert named(lines(service, order="percentile"))[:2] == ["cleaning_cost", "soft_fm_cost"]
    assert "soft_fm_cost" not in named(lines(service, order="percentile", status="opportunity"))
    assert "soft_fm_cost" not in named(lines(service))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["RAA", "RAF", "RAG", "RAH"]),
        ({"order": "percentile"}, ["RAF", "RAA", "RAG", "RAH"]),
        ({"order": "gain"}, ["RAF", "RAA", "RAG", "RAH"]),
        ({"quartile": "4"}, ["RAF"]),
        ({"at_least": "300000"}, ["RAF"]),
    ],
)
def test_the_trusts_of_an_opportunity_are_filtered_and_ordered(
    service: Service, query: dict[str, str], expected: list[str]
) -> None:
    assert [row["trust_code"] for row in lines(service, "/v1/opportunities/cleaning_cost", **query)] == expected


def test_the_national_total_says_what_it_does_not_mean(service: Service) -> None:
    total = service.get("/v1/opportunities/cleaning_cost").json()["national_total"]
    assert (total["trusts"], total["units_upper"], total["cash_unit"]) == (2, 675_000.0, "GBP")
    assert total["words"] == (
        "2 trusts have a gain, together £450,000 to £675,000. It is what would follow if each of them reached its "
        "benchmark of today. The benchmarks would then be different, so it is not a forecast."
    )
    assert service.get("/v1/opportunities/space_target").json()["national_total"] is None


def test_every_metric_of_a_trust_has_its_newest_value_and_standing(service: Service) -> None:
    body = service.get("/v1/trusts/RAA/metrics").json()
    assert [row["metric_id"] for row in body["metrics"]] == ["cleaning", "finance", "medicines", "seen", "sickness"]
    cleaning = body["metrics"][0]
    assert (cleaning["value"], cleaning["unit"], cleaning["direction"]) == (50.0, "GBP per m2", "lower_is_better")
    assert cleaning["standing"].startswith("The trust's rank is 5th of 7 trusts (1st is best), in the third best")
    assert cleaning["distribution"]["median"] == 40.0
    assert (body["metrics"][1]["national_rank"], body["metrics"][1]["standing"]) == (None, None)


def sentence(rank: int | None, of: int, value: float, **standing: Any) -> str:
    row = {"national_rank": rank, "national_of": of, "percentile": value, "quartile": None}
    metric = Metric.model_validate(METRIC | {"standing": standing} | ({} if rank else {"direction": "neither"}))
    return standing_sentence(row, metric, Organisation(one="school", many="schools")) or ""


@pytest.mark.parametrize(
    ("told", "words"),
    [
        # Of ten equal values none is better than another: nine others are equal.
        (sentence(1, 10, 50.0), "It is better than 0% of the others and equal to 100%, so its percentile is 50"),
        # 60 of 100 are the best: 40 of 99 others are worse, 59 are equal; (40 + 59 / 2) / 99 is 70.2 %.
        (sentence(1, 100, 100 * 69.5 / 99), "40.4% of the others and equal to 59.6%, so its percentile is 70.2 (equal"),
        (sentence(2, 3000, 100 * 2998 / 2999), "is 2nd of 3,000 schools (1st is best). It is better than 99.9%"),
        (sentence(1, 1, 100.0, percentile="at_or_below"), "is 1st of 1 school (1st is best). Its percentile is 100."),
        (sentence(1, 5, 0.0, turned=False), "Its percentile is 0 (it grows with the value)."),
        (sentence(None, 5, 25.0), "Its percentile among 5 schools is 25 (it grows with the value)."),
    ],
)  # fmt: skip
def test_sentences_are_true_of_ties_of_many_and_of_one(told: str, words: str) -> None:
    assert words in told


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        (2, "2 schools have a gain, together £450,000 to £675,000. It is what"),
        (1, "2 schools have a gain. Those of 1 come to £450,000 to £675,000; for the others there is no price"),
        (0, "2 schools have a gain, but none of it is a saving: there is no price"),
    ],
)
def test_a_total_says_how_many_are_in_it(counted: int, words: str) -> None:
    told = total_sentence(TOTAL | {"cash_trusts": counted}, COST, Organisation(one="school", many="schools"))
    assert told.startswith(words)
