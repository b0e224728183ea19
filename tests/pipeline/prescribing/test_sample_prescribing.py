"""The sample programme of prescribing through the real flow: figures of practices, networks and boards against an
independent calculation, and answers that speak of practices."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from math import fsum
from pathlib import Path
from typing import Any

import pytest

from functions.peers.compute import compute
from infra.landing import files_of
from infra.local.stack import LocalStack
from samples.prescribing.generate import COMMITTED, landing_files
from samples.written import write
from shared.facts.apply_findings import apply_findings
from shared.ids import MethodId
from shared.landing.snapshot import Snapshot
from shared.method.load import load
from tests.oracles.prescribing.sample import MONTHS, Prescribing, deciles, percent_rank, savings, values_of
from tests.support.api.asking import ask
from tests.support.curated import curated
from tests.support.facts_of import known_of
from tests.support.pipeline.estimated import estimate
from tests.support.pipeline.programme import objects, released_rows

LEVELS = {"practice": 301, "network": 23, "board": 6}


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack({"Build": "1"}) as running:
        for file in files_of(COMMITTED):
            running.land(file.key, file.body)
        running.run_until_idle()
        assert running.dead_letters() == {}
        yield running


@pytest.fixture(scope="module")
def rows(stack: LocalStack) -> dict[str, list[dict[str, Any]]]:
    return {
        name: released_rows(stack, name) for name in ("metrics", "opportunities", "distribution", "totals", "units")
    }


@cache
def expected() -> Prescribing:
    return Prescribing(landing_files())


def get(stack: LocalStack, path: str, **query: str) -> dict[str, Any]:
    answer = ask(stack, "GET", path, query=query)
    found: dict[str, Any] = json.loads(answer.body)
    assert answer.status == 200, found
    return found


def newest(table: list[dict[str, Any]], **where: str) -> dict[str, dict[str, Any]]:
    """Code → row of the newest window."""
    day = max(row["period_end"] for row in table)
    return {
        row["trust_code"]: row
        for row in table
        if row["period_end"] == day and all(row[name] == value for name, value in where.items())
    }


def test_generating_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    write(tmp_path, landing_files())
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(COMMITTED): path.read_bytes() for path in COMMITTED.rglob("*.csv")}
    assert written.keys() == committed.keys()
    assert [str(path) for path in written if written[path] != committed[path]] == []


def test_every_file_is_accepted_without_a_warning(stack: LocalStack) -> None:
    receipts = [json.loads(body) for body in objects(stack, "receipts/").values()]
    assert len(receipts) == len(files_of(COMMITTED))
    assert {(one["status"], len(one["findings"])) for one in receipts} == {("accepted", 0)}


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("metric", ["brand_share", "nervoline_cost"])
def test_values_and_percentiles_of_every_level(rows: dict[str, list[dict[str, Any]]], metric: str, level: str) -> None:
    figures = expected().brand_share(level) if metric == "brand_share" else expected().nervoline(level)
    values = values_of(figures)
    found = newest(rows["metrics"], metric_id=metric, level=level)
    assert len(found) == LEVELS[level]
    scale = 1 if metric == "brand_share" else 1000
    for code, row in found.items():
        if code not in values:
            assert (row["value"], row["percentile"]) == (None, None)
            continue
        assert (row["numerator"], row["denominator"]) == pytest.approx(tuple(map(float, figures[code])))
        assert row["value"] == pytest.approx(float(scale * values[code]))
        assert row["percentile"] == pytest.approx(float(percent_rank(values[code], [*values.values()])))
        assert row["national_of"] == len(values)
    assert len(values) > LEVELS[level] - 3


@pytest.mark.parametrize("level", LEVELS)
def test_savings_at_every_decile_of_every_level(rows: dict[str, list[dict[str, Any]]], level: str) -> None:
    figures, saved = expected().brand_share(level), expected().saved(level)
    marks = deciles([*values_of(figures).values()])
    (spread,) = [
        row for row in rows["distribution"]
        if (row["metric_id"], row["level"], row["period_end"].month) == ("brand_share", level, 5)
    ]  # fmt: skip
    assert [spread[f"decile_{nth}"] for nth in range(1, 10)] == pytest.approx([float(mark) for mark in marks])
    for nth, mark in enumerate(marks, 1):
        name = f"tavosatin_decile_{nth}"
        found = newest(rows["opportunities"], opportunity_id=name, level=level)
        told = savings(figures, saved, mark)
        assert {code: row["distance_cash_upper"] for code, row in found.items()} == pytest.approx(
            {code: float(amount) for code, amount in told.items()}, abs=1e-6
        )
        (total,) = [
            row for row in rows["totals"]
            if (row["opportunity_id"], row["level"], row["period_end"].month) == (name, level, 5)
        ]  # fmt: skip
        gains = [float(amount) for amount in told.values() if amount > 0]
        assert (total["cash_upper"], total["trusts"]) == (pytest.approx(sum(gains)), len(gains))


def test_a_practice_that_never_prescribed_the_brand_has_a_share_of_zero(rows: dict[str, list[dict[str, Any]]]) -> None:
    never = [code for code, (top, _) in expected().brand_share("practice").items() if top == 0]
    found = newest(rows["metrics"], metric_id="brand_share", level="practice")
    assert len(never) > 20
    assert {found[code]["value"] for code in never} == {0}


def test_a_late_list_leaves_its_network_and_board_without_that_figure(
    stack: LocalStack, rows: dict[str, list[dict[str, Any]]]
) -> None:
    found = newest(rows["opportunities"], opportunity_id="nervoline_cost")
    lacking = {code: row["level"] for code, row in found.items() if row["status"] == "no_data"}
    of = [expected().members[level]["GI00020"] for level in ("network", "board")]
    assert lacking == {"GI00020": "practice", "GI90002": "practice", of[0]: "network", of[1]: "board"}
    units = {row["unit_code"]: row["status"] for row in rows["units"]
             if (row["trust_code"], row["opportunity_id"]) == (of[0], "nervoline_cost")}  # fmt: skip
    assert units["GI00020"] == "missing"
    words = get(stack, f"/v1/trusts/{of[0]}/opportunities/nervoline_cost")["units"]["words"]
    assert words == "The network has no value, because 1 of its 13 practices lacks a part of its data."
    assert {status for code, status in units.items() if code != "GI00020"} == {"counted"}


def test_a_service_that_is_no_practice_is_not_in_the_release(stack: LocalStack) -> None:
    codes = {row["trust_code"] for row in released_rows(stack, "trusts")}
    assert len(codes) == sum(LEVELS.values())
    assert "GI90001" not in codes


def test_the_programme_and_its_organisations_are_read_in_its_own_words(stack: LocalStack) -> None:
    about = get(stack, "/v1/programme")
    assert [(one["level"], one["organisations"]) for one in about["levels"]] == [
        ("practice", "practices"), ("network", "networks"), ("board", "boards"),
    ]  # fmt: skip
    one = get(stack, "/v1/trusts/GI00001")["trust"]
    assert (one["called"], [each["trust_code"] for each in one["belongs_to"]]) == ("practice", ["NI001", "BI1"])
    of_network = get(stack, "/v1/trusts", network="NI001")
    assert of_network["total"] == sum(code == "NI001" for code in expected().members["network"].values())
    assert {each["level"] for each in of_network["trusts"]} == {"practice"}
    assert get(stack, "/v1/trusts", level="board")["total"] == 6


def test_a_practice_is_compared_with_practices_and_a_network_with_networks(stack: LocalStack) -> None:
    practice = get(stack, "/v1/trusts/GI00005/opportunities/tavosatin_decile_1")
    words = practice["opportunity"]["standing"]
    assert re.fullmatch(r"The practice's rank is \d+\w\w of 301 practices \(1st is best\), in the .*", words), words
    assert "from 301 practices (itself included) is" in practice["opportunity"]["words"]
    assert practice["receipt"]["benchmarks_agree"]
    assert {one["trust_code"][:2] for one in practice["receipt"]["comparators"]["trusts"]} == {"GI"}
    network = get(stack, "/v1/trusts/NI005/opportunities/nervoline_cost")
    assert "of 22 networks (1st is best)" in network["opportunity"]["standing"]
    assert network["receipt"]["benchmarks_agree"]
    assert {one["trust_code"][:2] for one in network["receipt"]["comparators"]["trusts"]} == {"NI"}
    assert network["units"]["words"].startswith("The figure is made of 13 of 13 practices.")
    board = get(stack, "/v1/trusts/BI1/metrics")
    assert {one["distribution"]["n"] for one in board["metrics"]} == {5, 6}


@pytest.mark.parametrize(("level", "total"), [(None, 301), ("practice", 301), ("network", 23), ("board", 6)])
def test_a_list_of_values_is_of_one_level(stack: LocalStack, level: str | None, total: int) -> None:
    query = {} if level is None else {"level": level}
    found = get(stack, "/v1/opportunities/tavosatin_decile_3", **query)
    assert (found["total"], found["distribution"]["n"], found["level"]) == (total, total, level or "practice")
    assert len({row["trust_code"][:2] for row in found["trusts"]}) == 1
    many = {"practice": "practices", "network": "networks", "board": "boards"}[found["level"]]
    assert many in found["national_total"]["words"]


def test_peers_of_a_network_are_networks_and_other_levels_are_refused(stack: LocalStack) -> None:
    peers = get(stack, "/v1/trusts/NI005/peers", group="similar")
    assert (peers["total"], {one["trust_code"][:2] for one in peers["peers"]}) == (10, {"NI"})
    why = get(stack, "/v1/trusts/NI005/peers/NI006", group="similar")
    assert why["out_of"] == 22
    refused = ask(stack, "GET", "/v1/trusts/NI005/peers/GI00001", query={"group": "similar"})
    assert (refused.status, "another level" in refused.body.decode()) == (404, True)


def test_no_answer_speaks_of_trusts(stack: LocalStack) -> None:
    said = [
        get(stack, path, **query)
        for path, query in (
            ("/v1/trusts/GI00005/opportunities", {"status": "all"}),
            ("/v1/trusts/NI005/opportunities/broad_antibiotics", {}),
            ("/v1/trusts/BI2/opportunities/nervoline_cost", {}),
            ("/v1/trusts/GI00005/opportunities/nervoline_cost/trend", {}),
            ("/v1/trusts/GI00005/metrics", {}),
        )
    ]
    texts = [text for answer in said for text in _texts(answer)]
    assert len(texts) > 100
    assert [text for text in texts if re.search(r"\btrusts?\b", text, re.IGNORECASE)] == []


def _texts(answer: Any) -> Iterator[str]:
    if isinstance(answer, str):
        yield answer
    elif isinstance(answer, dict | list):
        for each in answer.values() if isinstance(answer, dict) else answer:
            yield from _texts(each)


def test_names_say_that_they_are_fictional_and_codes_are_not_real(stack: LocalStack) -> None:
    for row in released_rows(stack, "trusts"):
        assert row["trust_name"].endswith("(fictional)")
        assert re.fullmatch(r"(GI\d{5}|NI\d{3}|BI\d)", row["trust_code"])


def test_thousands_of_practices_add_up_as_three_hundred_do(tmp_path: Path) -> None:
    """How long it takes is a benchmark: see docs/performance.md."""
    for key, body in landing_files(3_000, MONTHS).items():
        (tmp_path / key).parent.mkdir(parents=True)
        (tmp_path / key).write_bytes(body)
    method = load((COMMITTED / "method/1/method.yaml").read_text("utf-8"))
    facts = curated(tmp_path, method)
    peers = compute(known_of(facts, method), Snapshot(method_id=MethodId("m"), files=()), method)
    found = estimate(apply_findings(facts, peers.findings), peers.peers, method)
    metrics = [row for row in found.metrics.to_pylist() if row["metric_id"] == "brand_share"]
    assert Counter(row["level"] for row in metrics) == {"practice": 3_001, "network": 230, "board": 6}
    sums = {level: fsum(row["numerator"] for row in metrics if row["level"] == level) for level in LEVELS}
    assert sums["practice"] == sums["network"] == sums["board"] > 0
    assert {row["national_of"] for row in metrics} == {3_001, 230, 6}
