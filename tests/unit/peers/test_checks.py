"""Checks across files, on a few figures that fit in the head."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.peers.checks.across import findings
from functions.peers.datasets.drift import drifting, with_derived
from shared.facts.apply_findings import apply_findings, period_names
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.landing.parts import Excluded, SlotFile
from shared.landing.snapshot import Snapshot
from shared.method.contracts import Derived
from shared.method.load import load
from shared.method.method import Method
from shared.method.terms import Period, Ref
from tests.support.facts_of import facts_of, known_of
from tests.support.pipeline.small import METHOD_TEXT

EXPECTS = "expects: {coverage: 0.9, figures: 0.75, drift: 50, drift_of_one: 50}"
CHECK = "  checks:\n    dear: {sum: [cost], per: [area], at_most: 99, severity: warning, because: Too dear.}\n  "
METHOD = load(METHOD_TEXT.replace("  expects: {coverage: 0.9, drift: 50}", CHECK + EXPECTS))
EMPTY = Snapshot(method_id="m", files=())
DAYS = {"2025-01": ("2025-01-01", "2025-01-31"), "2025-02": ("2025-02-01", "2025-02-28"),
        "2025-03": ("2025-03-01", "2025-03-31"), "2025-04": ("2025-04-01", "2025-04-30")}  # fmt: skip
ROLL = "code,period_start,period_end,measure,text,period\n" + "".join(
    f"RA{n},2025-01-01,2025-12-31,name,Trust {n},2025\n" for n in range(5)
)


def work(*figures: tuple[str, str, str, float | None]) -> str:
    """(period, code, measure, value) as a long table."""
    return "code,period_start,period_end,measure,value,period\n" + "".join(
        f"{code},{','.join(DAYS[period])},{measure},{'' if value is None else value},{period}\n"
        for period, code, measure, value in figures
    )


def found(facts: Facts, snapshot: Snapshot = EMPTY, method: Method = METHOD) -> pa.Table:
    return findings(known_of(facts, method), snapshot, method, Population(facts, method.programme))


def finding_rows(facts: Facts, snapshot: Snapshot = EMPTY) -> list[dict[str, Any]]:
    return found(facts, snapshot).to_pylist()


def file_of(part: str, file_id: str, period: str = "2025-01") -> SlotFile:
    return SlotFile(dataset="work", period=period, part=part, file_id=file_id, landing_key=f"work/{part}/secret.csv",
                    version_id="v", landed_at=datetime(2026, 1, 1, tzinfo=UTC))  # fmt: skip


def area(period: str, *codes: str) -> list[tuple[str, str, str, float | None]]:
    return [(period, code, "area", 10) for code in codes]


def test_nothing_to_say_of_files_that_agree() -> None:
    table = work(*area("2025-01", "RA0", "RA1"), *area("2025-02", "RA0", "RA1"))
    assert finding_rows(facts_of(roll=ROLL, work=table)) == []


def test_period_that_lacks_codes_of_the_one_before() -> None:
    # January holds four codes, February two of them and a new one: 2 of 4 are fewer than 90 %.
    table = work(*area("2025-01", "RA0", "RA1", "RA2", "RA3"), *area("2025-02", "RA0", "RA1", "RA4"))
    only = Snapshot(method_id="m", files=(file_of("", "f2", "2025-02"),))
    (one,) = finding_rows(facts_of(roll=ROLL, work=table), only)
    assert (one["severity"], one["rule"], one["dataset"], one["period"], one["file_id"]) == (
        "warning", "coverage", "work", "2025-02", "f2",
    )  # fmt: skip
    assert "work 2025-02 lacks 2 codes (RA2, RA3), of the 4 codes that 2025-01 has" in one["message"]


def test_code_without_any_figure_is_not_held() -> None:
    table = work(*area("2025-01", "RA0", "RA1"), *area("2025-02", "RA0"), ("2025-02", "RA1", "area", None))
    assert ["(RA1)" in each["message"] for each in finding_rows(facts_of(roll=ROLL, work=table))] == [True]


def test_trusts_that_closed_since_are_not_missed() -> None:
    # RA3 went into RA0 on 1 February and the register closed RA2 in January: nobody else is gone.
    table = work(*area("2025-01", "RA0", "RA1", "RA2", "RA3"), *area("2025-02", "RA0", "RA1"))
    roll = ROLL + "RA2,2025-01-01,2025-12-31,closed,2025-01-31,2025\n"
    succession = (
        "code,period_start,period_end,measure,text,period\nRA3,2025-02-01,2025-02-01,successor,RA0,2025\n"
        "RA4,2025-02-02,2025-02-02,successor,RA0,2025\n"  # dates of successions are no periods that need coverage
    )
    assert finding_rows(facts_of(roll=roll, work=table, succession=succession)) == []


SLIP = work(
    ("2025-01", "RA0", "cost", 100), ("2025-01", "RA1", "cost", 200), ("2025-01", "RA2", "cost", 999),
    ("2025-02", "RA0", "cost", 10_000), ("2025-02", "RA1", "cost", 20_000), ("2025-02", "RA3", "cost", 1),
    ("2025-03", "RA0", "cost", 110), ("2025-03", "RA1", "cost", 210),
)  # fmt: skip


def drifts(table: str) -> list[dict[str, Any]]:
    return [each for each in finding_rows(facts_of(roll=ROLL, work=table)) if each["rule"] == "drift"]


def test_total_a_hundred_times_larger_is_an_error_and_the_period_after_is_held_against_the_one_before() -> None:
    # RA0 and RA1 are in both: 100 + 200 = 300, then 10,000 + 20,000. March's 320 is measured against January.
    (one,) = drifts(SLIP)
    assert (one["severity"], one["period"], one["measure"], one["trust_code"]) == ("error", "2025-02", "cost", None)
    assert (
        "work.cost: the total of the 2 codes that both periods have is 100 times larger than in the period before: "
        "30,000 GBP in 2025-02, 300 GBP in 2025-01. Is the unit right?"
    ) in one["message"]


def test_total_many_times_smaller_is_an_error_too() -> None:
    (one,) = drifts(work(("2025-01", "RA0", "area", 5000), ("2025-02", "RA0", "area", 100)))
    assert one["severity"] == "error"
    assert "50 times smaller than in the period before: 100 m2 in 2025-02, 5,000 m2 in 2025-01" in one["message"]


def test_slip_of_one_trust_is_a_warning_once() -> None:
    # RA0 grows exactly fiftyfold; the total of 10,100 becomes 15,000. March returns to what was right.
    table = work(
        ("2025-01", "RA0", "cost", 100), ("2025-01", "RA1", "cost", 10_000),
        ("2025-02", "RA0", "cost", 5000), ("2025-02", "RA1", "cost", 10_000),
        ("2025-03", "RA0", "cost", 100), ("2025-03", "RA1", "cost", 10_000),
    )  # fmt: skip
    (one,) = drifts(table)
    assert (one["severity"], one["period"], one["trust_code"]) == ("warning", "2025-02", "RA0")
    assert "the figure of RA0 is 50 times larger" in one["message"]
    assert drifts(table.replace("5000", "4999")) == []


def test_one_trusts_figures_are_not_compared_over_a_gap_of_several_periods() -> None:
    figures = {"RA0": 1.0, "RA1": 1000.0, "RA2": 1000.0}

    def told(later: str) -> list[str]:
        first = [("2025-01", code, "cost", value) for code, value in figures.items()]
        then = [(later, code, "cost", 50 * value if code == "RA0" else value) for code, value in figures.items()]
        return [row["trust_code"] for row in finding_rows(facts_of(roll=ROLL, work=work(*first, *then)))]

    assert (told("2025-03"), told("2025-04")) == (["RA0"], [])


def test_zero_is_no_slip_of_a_unit() -> None:
    assert drifts(work(("2025-01", "RA0", "cost", 0), ("2025-02", "RA0", "cost", 5000))) == []
    assert drifts(work(("2025-01", "RA0", "cost", 5000), ("2025-02", "RA0", "cost", 0))) == []


def test_slips_of_very_many_trusts_are_one_finding_about_everyone() -> None:
    rows = [(month, f"R{n:03}", "cost", 100.0 * grown) for month, grown in (("2025-01", 1), ("2025-02", 60))
            for n in range(201)]  # fmt: skip
    rows += [(month, "RZZ", "cost", 1_000_000.0) for month in ("2025-01", "2025-02")]  # so that the total does not slip
    facts = facts_of(work=work(*rows))
    (one,) = finding_rows(facts)
    assert (one["severity"], one["rule"], one["trust_code"]) == ("warning", "drift", None)
    assert "the figures of 201 codes (R000, " in one["message"]
    warned = apply_findings(facts, found(facts)).tables["work"]
    assert warned.groupby("period")["warned"].all().to_dict() == {"2025-01": False, "2025-02": True}


def test_codes_that_look_like_trusts_but_nobody_knows() -> None:
    # RZ9 is unknown; RB1 is known as a predecessor; NT1 does not look like a trust; RA0 is in the register.
    succession = "code,period_start,period_end,measure,text,period\nRB1,2020-01-01,2020-01-01,successor,RA0,2025\n"
    table = work(*area("2025-01", "RA0", "RB1", "NT1", "RZ9"))
    one, others = sorted(
        finding_rows(facts_of(roll=ROLL, work=table, succession=succession)), key=lambda row: -len(row["rule"])
    )
    assert others["rule"] == "not_trusts"
    assert (one["severity"], one["rule"], one["period"], one["trust_code"]) == (
        "warning", "unknown_trust", "2025-01", "RZ9",
    )  # fmt: skip
    assert "work 2025-01 has figures for RZ9, which is neither in the register (roll)" in one["message"]


def test_each_unknown_code_is_a_finding_of_its_own() -> None:
    table = work(*area("2025-01", "RZB", "RA0", "RZA"))
    assert [each["trust_code"] for each in finding_rows(facts_of(roll=ROLL, work=table))] == ["RZA", "RZB"]


def warned_of(*rows: str) -> Facts:
    """Facts of these rows (code, period, measure, value), of which the check `dear` warns where they say so."""
    facts = facts_of(roll=ROLL, work=work(*(tuple(row.split()[:4]) for row in rows)))  # type: ignore[arg-type]
    facts.tables["work"]["warnings"] = [np.array(["dear"]) if row.endswith("dear") else None for row in rows]
    return facts


def test_what_a_file_was_warned_of_is_told_with_the_release_of_each_figure() -> None:
    facts = warned_of("2025-01 RA0 cost 900 dear", "2025-01 RA1 cost 9", "2025-01 RA0 area 1 dear")
    told = finding_rows(facts)
    assert [(each["rule"], each["trust_code"], each["measure"], each["period"], each["row"]) for each in told] == [
        ("dear", "RA0", "area", "2025-01", 4), ("dear", "RA0", "cost", "2025-01", 2),
    ]  # fmt: skip
    assert {each["severity"] for each in told} == {"warning"}
    assert "work.cost: the figure of RA0 in row 2 of 2025-01 fails the check dear: Too dear." in (told[1]["message"])


def test_of_very_many_figures_that_one_check_warned_of_two_hundred_are_told_and_all_are_marked() -> None:
    facts = warned_of(*(f"2025-01 RA{n % 5} cost {n} dear" for n in range(300)))
    told = finding_rows(facts)
    assert len(told) == 200
    assert "300 figures" in told[0]["message"]
    assert apply_findings(facts, found(facts)).tables["work"]["warned"].sum() == 300


def marks(facts: Facts) -> set[tuple[str, str, str]]:
    """(period, code, measure) of the rows that are marked as doubted."""
    table = apply_findings(facts, found(facts)).tables["work"]
    marked = table[table["warned"]]
    return set(zip(marked["period"], marked["code"], marked["measure"], strict=True))


def test_rows_are_marked_by_what_warns_of_them_and_no_others() -> None:
    assert marks(warned_of("2025-01 RA0 cost 900 dear", "2025-01 RA1 cost 9")) == {("2025-01", "RA0", "cost")}
    # RZ9 is unknown, whatever it states.
    strangers = work(("2025-01", "RZ9", "cost", 1), ("2025-01", "RZ9", "area", 1), *area("2025-01", "RA0"))
    assert marks(facts_of(roll=ROLL, work=strangers)) == {("2025-01", "RZ9", "cost"), ("2025-01", "RZ9", "area")}
    # RA0's cost grew ninetyfold, and nothing else did.
    table = work(("2025-01", "RA0", "cost", 1), ("2025-01", "RA1", "cost", 9999), ("2025-02", "RA0", "cost", 90),
                 ("2025-02", "RA1", "cost", 9999), *area("2025-01", "RA0"), *area("2025-02", "RA0"))  # fmt: skip
    assert marks(facts_of(roll=ROLL, work=table)) == {("2025-02", "RA0", "cost")}
    # Half of January's codes are missing in February, so the whole of it may be cut short.
    table = work(*area("2025-01", "RA0", "RA1"), *area("2025-02", "RA0"), ("2025-02", "RA0", "cost", 3))
    assert marks(facts_of(roll=ROLL, work=table)) == {("2025-02", "RA0", "area"), ("2025-02", "RA0", "cost")}


def test_period_with_all_codes_and_too_few_figures() -> None:
    # January states 4 figures of 2 codes, February 2 of the same: fewer than three quarters.
    costs = [("2025-01", code, "cost", 5.0) for code in ("RA0", "RA1")]
    table = work(*area("2025-01", "RA0", "RA1"), *costs, *area("2025-02", "RA0", "RA1"))
    (one,) = finding_rows(facts_of(roll=ROLL, work=table))
    assert (one["severity"], one["rule"], one["period"]) == ("warning", "figures", "2025-02")
    assert "work 2025-02 has 2 figures and 2025-01 has 4 for the codes that have not closed since" in one["message"]
    enough = table + work(("2025-02", "RA0", "cost", 1)).split("\n", 1)[1]  # 3 of 4
    assert finding_rows(facts_of(roll=ROLL, work=enough)) == []


def test_without_a_register_nobody_is_unknown() -> None:
    assert finding_rows(facts_of(work=work(*area("2025-01", "RZ9")))) == []


def test_overlapping_parts_are_named_by_slot_with_their_codes() -> None:
    left = Excluded(file=file_of("p2", "f2"), overlaps={"work/2025-01/p1": ("RA1", "RA2")})
    table = facts_of(roll=ROLL, work=work(*area("2025-01", "RA1", "RA2")))
    (one,) = finding_rows(table, Snapshot(method_id="m", files=(file_of("p1", "f1"),), left_out=(left,)))
    assert (one["severity"], one["rule"], one["period"], one["file_id"]) == ("error", "overlap", "2025-01", "f2")
    assert "The newest file of work/2025-01/p2 has figures for 2 codes (RA1, RA2)" in one["message"]
    assert "the file of work/2025-01/p1 has too" in one["message"]
    assert "the file is left out" in one["message"]
    assert "secret" not in one["message"]  # names of files are no content: they may differ where the release id doesn't
    both = Snapshot(method_id="m", files=(file_of("p1", "f1"), file_of("p2", "f0")), left_out=(left,))
    assert "the file before it is used instead" in finding_rows(table, both)[0]["message"]


def test_values_of_a_drifted_measure_are_withheld_in_that_period_alone() -> None:
    facts = facts_of(roll=ROLL, work=SLIP + work(*area("2025-02", "RA0", "RA1")).split("\n", 1)[1])
    kept = apply_findings(facts, found(facts)).tables["work"]
    gone = (kept["period"] == "2025-02") & (kept["measure"] == "cost")
    assert set(kept.loc[gone, "state"]) == {"missing"}
    assert kept.loc[gone, "value"].isna().all()
    pd.testing.assert_frame_equal(kept[~gone].drop(columns="warned"), facts.tables["work"][~gone])


def test_warnings_withhold_nothing() -> None:
    table = work(("2025-01", "RA0", "cost", 1), ("2025-01", "RA1", "cost", 9999),
                 ("2025-02", "RA0", "cost", 90), ("2025-02", "RA1", "cost", 9999))  # fmt: skip
    facts = facts_of(roll=ROLL, work=table)
    told = found(facts)
    assert told["severity"].to_pylist() == ["warning"]
    kept = apply_findings(facts, told).tables["work"]
    pd.testing.assert_frame_equal(kept.drop(columns="warned"), facts.tables["work"])


def test_one_month_of_a_file_of_many_is_withheld() -> None:
    """All months came under one label, so a finding names the month by its days."""
    table = SLIP.replace(",2025-01\n", ",all\n").replace(",2025-02\n", ",all\n").replace(",2025-03\n", ",all\n")
    facts = facts_of(roll=ROLL, work=table)
    contract = METHOD.datasets["work"]
    spans = contract.period.model_copy(update={"kind": "name"})
    method = METHOD.model_copy(
        update={"datasets": METHOD.datasets | {"work": contract.model_copy(update={"period": spans})}}
    )
    told = found(facts, method=method)
    assert told["period"].to_pylist() == ["2025-02-01/2025-02-28"]
    ref, kept = Ref("work", "cost"), apply_findings(facts, told)
    states = {period: set(kept.at(ref, period)["state"]) for period in kept.periods(ref)}
    february = next(period for period in states if period.start.month == 2)
    assert states.pop(february) == {"missing"}
    assert list(states.values()) == [{"value"}, {"value"}]
    assert isinstance(february, Period)


def test_order_of_rows_changes_nothing() -> None:
    facts = facts_of(roll=ROLL, work=SLIP + "RZ9,2025-01-01,2025-01-31,area,1,2025-01\n")
    reversed_ = Facts({name: table[::-1].reset_index(drop=True) for name, table in reversed(facts.tables.items())})
    assert found(reversed_).equals(found(facts))
    assert len(finding_rows(facts)) == 4  # slip, stranger, RA2 and RZ9 not in February, RA3 not in March


def test_what_is_computed_from_a_drifted_measure_is_withheld_too() -> None:
    derived = {"both": {"title": "Both", "unit": "GBP", "ways": [{"sum": ["cost"]}]}}
    contract = METHOD.datasets["work"].model_copy(
        update={"derived": {name: Derived.model_validate(rule) for name, rule in derived.items()}}
    )
    rows = [(period, code, measure, value * times)
            for period, times in (("2025-01", 1), ("2025-02", 100))
            for code, value in (("RA0", 10), ("RA1", 20))
            for measure, value in (("cost", value), ("both", value + 1000 * (times == 1)))]  # fmt: skip
    table = facts_of(roll=ROLL, work=work(*rows)).tables["work"]
    told = [*with_derived([*drifting(table, contract, period_names(table))], table, contract)]
    assert [(row["severity"], row["measure"], row["period"]) for row in told if row["severity"] == "error"] == [
        ("error", "cost", "2025-02"), ("error", "both", "2025-02"),
    ]  # fmt: skip
    assert told[-1]["message"].startswith("work.both is computed from cost. work.cost: the total")
