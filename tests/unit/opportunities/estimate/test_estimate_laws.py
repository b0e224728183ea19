"""What must hold of any estimate, whatever the figures; and the slow oracle on random little programmes."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles.opportunities import Programme
from tests.support.agreement import NUMERIC, assert_agrees, same
from tests.support.landings import (
    CODES,
    METRICS,
    OPPORTUNITIES,
    Landed,
    landings,
)
from tests.support.small_programme import (
    method,
    opportunity_rows,
    registered,
    run,
)

RULES = method(METRICS, OPPORTUNITIES)


@settings(max_examples=60, deadline=None)
@given(landings())
def test_estimate_agrees_with_the_oracle(landed: Landed) -> None:
    assert_agrees(run(landed.facts(), landed.peers, RULES), Programme(landed.facts(), landed.peers, RULES))


@settings(max_examples=20, deadline=None)
@given(landings(), st.randoms(use_true_random=False))
def test_order_of_rows_changes_nothing(landed: Landed, random: Any) -> None:
    facts, peers = landed.facts(), list(landed.peers)
    before = run(facts, peers, RULES)
    random.shuffle(facts)
    random.shuffle(peers)
    after = run(facts, peers, RULES)
    assert all(one.equals(other) for one, other in zip(before, after, strict=True))


@settings(max_examples=30, deadline=None)
@given(landings(), st.permutations(CODES))
def test_renaming_trusts_renames_rows_and_changes_no_figure(landed: Landed, names: Sequence[str]) -> None:
    renamed = dict(zip(CODES, names, strict=True))

    def now(code: str) -> str:
        return renamed.get(code, code)

    register = registered(*CODES)
    facts = [row for row in landed.facts() if row.dataset != "register"]
    moved = [row._replace(code=now(row.code), text=row.text and now(row.text)) for row in facts]
    pairs = [pair._replace(trust=now(pair.trust), peer=now(pair.peer)) for pair in landed.peers]
    before = opportunity_rows(run(facts + register, landed.peers, RULES))
    after = opportunity_rows(run(moved + register, pairs, RULES))
    for (trust, name), row in before.items():
        other = after[now(trust), name]
        assert (row["status"], row["flags"]) == (other["status"], other["flags"])
        assert all(same(row[column], other[column]) for column in NUMERIC)


COSTS = method(
    {"cost": {"plausibility": {"group": "kind"}}, "believed": {}},
    {
        "by_kind": {"comparator": "kind", "fallback": "national"},
        "near": {"metric": "believed", "minimum_comparators": 3},
        "everyone": {"metric": "believed", "comparator": "national", "lower": {"rule": "mean"},
                     "upper": {"rule": "mean_of_best", "n": 3}},
    },
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(landings(), st.sampled_from([2, 0.5, 3, 1000]))
def test_scaling_what_everyone_spends_scales_the_money(landed: Landed, times: float) -> None:
    before = opportunity_rows(run(landed.facts(), landed.peers, COSTS))
    spent = landed.numbers["cost"]
    landed.numbers["cost"] = {code: cell if isinstance(cell, str) else cell * times for code, cell in spent.items()}
    for key, row in opportunity_rows(run(landed.facts(), landed.peers, COSTS)).items():
        assert row["status"] == before[key]["status"]
        for column in ("cash_lower", "cash_upper", "benchmark_lower", "benchmark_upper"):
            was = before[key][column]
            assert same(row[column], None if was is None else was * times)


@settings(max_examples=30, deadline=None)
@given(landings(), st.sampled_from(CODES), st.integers(1, 10**6))
def test_what_a_trust_reports_never_moves_its_own_benchmark(landed: Landed, trust: str, cost: int) -> None:
    before = opportunity_rows(run(landed.facts(), landed.peers, COSTS))
    landed.numbers["cost"][trust] = cost
    after = opportunity_rows(run(landed.facts(), landed.peers, COSTS))
    for name in ("near", "everyone"):
        one, other = before.get((trust, name)), after.get((trust, name))
        if one and other and one["benchmark_upper"] is not None and other["benchmark_upper"] is not None:
            assert one["comparator_count"] == other["comparator_count"]
            assert (one["benchmark_lower"], one["benchmark_upper"]) == (
                other["benchmark_lower"],
                other["benchmark_upper"],
            )


@settings(max_examples=30, deadline=None)
@given(landings())
def test_lower_is_never_above_upper(landed: Landed) -> None:
    for row in opportunity_rows(run(landed.facts(), landed.peers, RULES)).values():
        for name in ("gap", "units", "cash", "activity", "staff"):
            lower, upper = row[f"{name}_lower"], row[f"{name}_upper"]
            assert (lower is None) == (upper is None)
            if (
                name == "cash" and lower is not None and row["cash_per_unit"] < 0
            ):  # what it would use instead costs it more
                lower, upper = -lower, -upper
            assert lower is None or 0 <= lower <= upper
            assert "single_value" not in row["flags"] or lower == upper
