"""The recipes that are shipped: each gives every trust its peers on the real files, and its arithmetic by hand."""

import csv
import math
import statistics
from collections import defaultdict
from typing import Any

import pytest

from shared.method.peer_groups import NearestGroup
from tests.oracles import nearest as oracle
from tests.oracles.opportunities import Pair
from tests.support import small_programme
from tests.support.facts_of import facts_of
from tests.support.groups_of import HEADER, PROGRAMME, SHIPPED, peer_rows
from tests.support.paths import needs_real_data
from tests.support.real_facts import LANDING, real_facts

DATED = ("recommended", "similar_10", "size_and_need", "gower")
NEEDS = ("deprivation", "age_0_15", "age_60_74", "urban")


def stands_for() -> dict[str, list[str]]:
    """Who stands for whom at the end of 2025, from the files: every succession has happened by then."""
    after: dict[str, set[str]] = defaultdict(set)
    with (LANDING / "ods_successors/2022/successors.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            after[row["old_code"]].add(row["new_code"])
    for one in PROGRAMME["population"]["successors"]["overrides"]:
        after[one["predecessor"]].add(one["successor"])
    with (LANDING / "ods_trusts/2025/etr.csv").open(encoding="utf-8-sig") as file:
        gone = {row[0] for row in csv.reader(file) if row[11] and row[11] < "20251231"}

    def heirs(code: str) -> set[str]:
        return {heir for new in after[code] - {code} for heir in heirs(new)} if after.get(code) else {code} - gone

    return {code: sorted(heir for heir in heirs(code) if heir.startswith(("R", "TA"))) for code in characteristics()}


def characteristics() -> dict[str, dict[str, float | None]]:
    """The cells of the file, by trust and by measure."""
    with (LANDING / "trust_characteristics/2019-20/nhse_trusts_2019_20.csv").open(encoding="utf-8-sig") as file:
        rows = [*csv.DictReader(file)]
    named = {
        **{name.lower().replace(" ", "_").replace("-", "_"): name for name in rows[0]},
        "student_staff": "StudentStaff", "non_type_1_ae_department": "Non-type 1 AE department",
    }  # fmt: skip
    return {row["Procode"]: {to: float(row[name]) if row[name] else None for to, name in named.items()
                             if name != "Procode"} for row in rows}  # fmt: skip


@needs_real_data
@pytest.mark.parametrize("name", DATED)
def test_on_the_real_files_every_trust_has_ten_peers_and_five_runners_up_as_the_oracle_has_them(name: str) -> None:
    group = NearestGroup.model_validate(SHIPPED[name])
    listed: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in peer_rows(real_facts(), g={**SHIPPED[name], "stability": {"draws": 0}}):
        listed[row["trust_code"]].append(row)
    wanted = [variable.measure.rpartition(".")[2] for variable in group.variables]
    cells = {code: [cell[one] for one in wanted] for code, cell in characteristics().items()}
    standing = stands_for()
    expected = oracle.neighbours(cells, group, lambda code: standing[code])
    assert listed.keys() == expected.keys() == cells.keys()
    assert len(cells) == 208
    for code, rows in listed.items():
        assert [row["role"] for row in rows] == ["peer"] * 10 + ["runner_up"] * 5
        peers = expected[code]
        assert [row["peer_code"] for row in rows] == [peer.code for peer in peers]
        for row, peer in zip(rows, peers, strict=True):
            assert row["distance"] == pytest.approx(peer.distance, rel=1e-9)
            assert row["variables_used"] == peer.used
            shares = {wanted[place]: share for place, share in peer.shares.items()}
            assert dict(row["contributions"]) == pytest.approx(shares, rel=1e-6, abs=1e-12)


def stated(**trusts: dict[str, float | None]) -> str:
    return HEADER + "".join(
        f"{code},2019-04-01,2020-03-31,{measure},{'' if value is None else value},,2019-20\n"
        for code, cells in trusts.items()
        for measure, value in cells.items()
    )


def distances(name: str, **trusts: dict[str, float | None]) -> dict[tuple[str, str], float]:
    facts = facts_of(trust_characteristics=stated(**trusts))
    rows = peer_rows(facts, g={**SHIPPED[name], "stability": {"draws": 0}})
    return {(row["trust_code"], row["peer_code"]): row["distance"] for row in rows}


def test_size_and_need_is_the_root_of_weighted_squares_of_differences_over_their_ranges() -> None:
    # Ranges: 200 patients, 20 of deprivation, 0.4 of age. RAC states no age: the median of 0.1, 0.3 and 0.5 is 0.3.
    found = distances(
        "size_and_need",
        RAA={"patients": 100, "deprivation": 10, "age_60_74": 0.1},
        RAB={"patients": 200, "deprivation": 30, "age_60_74": 0.3},
        RAC={"patients": 300, "deprivation": 25, "age_60_74": None},
        RAD={"patients": 100, "deprivation": 15, "age_60_74": 0.5},
    )
    assert found["RAA", "RAB"] == pytest.approx(math.sqrt(0.5 * 0.5**2 + 0.4 * 1**2 + 0.1 * 0.5**2), rel=1e-12)
    assert found["RAA", "RAC"] == pytest.approx(math.sqrt(0.5 * 1**2 + 0.4 * 0.75**2 + 0.1 * 0.5**2), rel=1e-12)
    assert found["RAA", "RAD"] == pytest.approx(math.sqrt(0.4 * 0.25**2 + 0.1 * 1**2), rel=1e-12)


def test_gower_is_the_plain_mean_of_differences_over_their_ranges_where_both_have_a_value() -> None:
    names = [variable["measure"].rpartition(".")[2] for variable in SHIPPED["gower"]["variables"]]
    assert len(names) == 12
    none = dict.fromkeys(names, 0.0)
    found = distances(
        "gower",
        RAA=none | {"deprivation": 10.0, "diagnosis": 0.2, "non_type_1_ae_department": 1.0},
        RAB=none | {"deprivation": 15.0, "diagnosis": None, "non_type_1_ae_department": 0.0},
        RAC=none | {"deprivation": 30.0, "diagnosis": 0.7, "non_type_1_ae_department": 1.0},
    )
    # Ranges 20, 0.5 and 1; all else is alike, and RAB has eleven.
    assert found["RAA", "RAB"] == pytest.approx((5 / 20 + 1) / 11, rel=1e-12)
    assert found["RAA", "RAC"] == pytest.approx((20 / 20 + 0.5 / 0.5) / 12, rel=1e-12)
    assert found["RAB", "RAC"] == pytest.approx((15 / 20 + 1) / 11, rel=1e-12)


def test_similar_10_is_the_root_of_the_mean_square_in_standard_deviations() -> None:
    values = {"RAA": 1.0, "RAB": 2.0, "RAC": 6.0}
    deviation = statistics.pstdev(values.values())
    found = distances("similar_10", **{c: dict.fromkeys(NEEDS, v) for c, v in values.items()})
    assert found["RAA", "RAB"] == pytest.approx(1 / deviation, rel=1e-12)  # all four are equal, so their mean is each
    assert found["RAB", "RAC"] == pytest.approx(4 / deviation, rel=1e-12)


def test_the_best_five_of_the_similar_ten_set_the_benchmark() -> None:
    # Twelve trusts on a line of deprivation: of the first, the ten nearest are the second to the eleventh.
    codes = [f"T{number:02}" for number in range(1, 13)]
    real = {f"RA{letter}": code for letter, code in zip("ABCDEFGHIJKL", codes, strict=True)}
    alike = dict.fromkeys(NEEDS, 0.2)
    facts = facts_of(
        trust_characteristics=stated(**{code: alike | {"deprivation": n} for n, code in enumerate(real, 1)})
    )
    rows = peer_rows(facts, g={**SHIPPED["similar_10"], "stability": {"draws": 0}})
    pairs = [Pair("near", real[row["trust_code"]], real[row["peer_code"]], row["role"], row["period"]) for row in rows]
    assert [pair.peer for pair in pairs if pair.trust == "T01" and pair.role == "peer"] == codes[1:11]
    # Costs per m² on 10 m² each; the twelfth is the cheapest of all, and no peer of the first.
    per_area = dict(zip(codes, (100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 95, 1), strict=True))
    figures = small_programme.figures("cost", {code: 10 * value for code, value in per_area.items()})
    found = small_programme.rows_of(
        figures + small_programme.figures("area", dict.fromkeys(codes, 10)),
        metric={"plausibility": {"minimum": 0}},
        opportunity={"lower": None, "upper": {"rule": "mean_of_best", "n": 5}},
        pairs=pairs,
    )["T01"]
    # The best five of the ten: 10, 20, 30, 40 and 50. Their mean is 30; 100 − 30 on 10 m² is £700.
    assert (found["comparator_count"], found["benchmark_upper"], found["cash_upper"]) == (10, 30.0, 700.0)
