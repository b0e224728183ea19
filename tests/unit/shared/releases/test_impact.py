"""What changes between two releases: told where it matters, counted where there is too much to tell."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import tables
from shared.method.programme import Programme
from shared.releases import impact as module
from shared.releases.contents import Contents
from shared.releases.impact import Impact
from tests.oracles.impact import slow_counts
from tests.support.small_programme import PROGRAMME as SETTINGS

MARCH = date(2025, 3, 31)
PROGRAMME = Programme.model_validate(SETTINGS)


def impact(before: dict[str, pa.Table] | None, after: dict[str, pa.Table], programme: Programme = PROGRAMME) -> Impact:
    return module.impact(Contents.of(before) if before else None, Contents.of(after), programme)


def opportunity(trust: str, cash: float | None = 500_000.0, **given: Any) -> dict[str, Any]:
    """A row of the table; lower is half of upper."""
    row = {
        "trust_code": trust,
        "trust_name": f"Trust {trust}",
        "opportunity_id": "cleaning_cost",
        "status": "opportunity",
        "period_start": date(2024, 4, 1),
        "period_end": MARCH,
        "denominator": 1000.0,
        "units_lower": 50.0,
        "units_upper": 100.0,
        "cash_lower": None if cash is None else cash / 2,
        "cash_upper": cash,
    }
    return row | given


def peer(trust: str, code: str, **given: Any) -> dict[str, Any]:
    row = {"group_id": "near", "trust_code": trust, "peer_code": code, "role": "peer", "period": "2024-25"}
    return row | {"period_end": MARCH} | given


def finding(message: str) -> dict[str, Any]:
    return {"severity": "warning", "rule": "coverage", "dataset": "d", "period": "2024-25", "message": message}


def release(
    opportunities: list[dict[str, Any]] | None = None,
    peers: list[dict[str, Any]] | None = None,
    findings: list[dict[str, Any]] | None = None,
) -> dict[str, pa.Table]:
    return {
        "opportunities": pa.Table.from_pylist(opportunities or [], tables.OPPORTUNITIES),
        "peers": pa.Table.from_pylist(peers or [], tables.PEERS),
        "findings": pa.Table.from_pylist(findings or [], tables.FINDINGS),
    }


def kinds(found: Impact) -> dict[str, str]:
    return {change.trust_code: change.kind for change in found.opportunities}


def test_opportunities_appear_vanish_and_move() -> None:
    before = release([opportunity("RA1"), opportunity("RA2"), opportunity("RA3"), opportunity("RA4")])
    after = release(
        [
            opportunity("RA1", status="at_or_better_than_benchmark", cash=0.0),
            opportunity("RA2", cash=600_001.0),
            opportunity("RA3", cash=600_000.0),  # by 100,000 exactly: not by more
            opportunity("RA5"),
        ]
    )
    found = impact(before, after)
    assert kinds(found) == {"RA1": "vanishes", "RA2": "moves", "RA4": "vanishes", "RA5": "appears"}
    assert (found.counts.appear, found.counts.vanish, found.counts.move) == (1, 2, 1)
    told = {change.trust_code: change for change in found.opportunities}
    assert told["RA4"].after is None
    assert (told["RA2"].before and told["RA2"].before.cash_upper) == 500_000
    assert (told["RA2"].after and told["RA2"].after.cash_upper) == 600_001
    assert told["RA2"].sentence == "RA2, cleaning_cost: moves from £250,000–£500,000 to £300,000–£600,001."
    assert told["RA1"].sentence.endswith("vanishes (it was £250,000–£500,000); now: at or better than benchmark.")


@pytest.mark.parametrize("end", ["cash_lower", "cash_upper"])
def test_either_end_that_moves_is_a_move(end: str) -> None:
    before = release([opportunity("RA1", cash_lower=0.0, cash_upper=900_000.0)])
    after = release([opportunity("RA1", **{"cash_lower": 0.0, "cash_upper": 900_000.0, end: 400_000.0})])
    assert kinds(impact(before, after)) == {"RA1": "moves"}


def test_status_that_changes_between_two_absences_is_no_change() -> None:
    gone = {"cash": None, "units_lower": None, "units_upper": None}
    before = release([opportunity("RA1", status="no_data", **gone)])
    after = release([opportunity("RA1", status="implausible", **gone)])
    assert impact(before, after).opportunities == ()


def test_without_cash_the_share_of_the_denominator_decides() -> None:
    before = release([opportunity(code, cash=None) for code in ("RA1", "RA2", "RA3")])
    after = release(
        [
            opportunity("RA1", cash=None, units_upper=109.0),
            opportunity("RA2", cash=None, units_upper=111.0),
            opportunity("RA3", cash=None, denominator=500.0, units_lower=25.0, units_upper=50.0),
        ]
    )
    found = impact(before, after)
    assert kinds(found) == {"RA2": "moves"}
    assert found.opportunities[0].sentence.endswith(
        "moves from 5%–10% of its denominator to 5%–11.1% of its denominator."
    )


def test_cash_that_becomes_known_or_unknown_moves_however_little_it_is() -> None:
    before = release([opportunity("RA1", cash=None), opportunity("RA2", cash=10.0), opportunity("RA3", cash=0.0)])
    after = release([opportunity("RA1", cash=10.0), opportunity("RA2", cash=None), opportunity("RA3", cash=1.0)])
    assert kinds(impact(before, after)) == {"RA1": "moves", "RA2": "moves"}


def test_peers_that_came_and_went_are_named_and_runners_up_are_nobodys() -> None:
    before = release(peers=[peer("RA1", "RB1"), peer("RA1", "RB2"), peer("RA1", "RB9", role="runner_up")])
    after = release(peers=[peer("RA1", "RB2"), peer("RA1", "RB3"), peer("RA1", "RB8", role="runner_up")])
    (change,) = impact(before, after).peers
    assert (change.came, change.went) == (("RB3",), ("RB1",))
    assert change.sentence == "RA1, near, 2024-25: RB3 joined; RB1 left."


def test_peers_of_a_further_level_are_not_counted() -> None:
    rows = [opportunity("RA1", level="practice"), opportunity("N1", level="network")]
    before = release(rows, peers=[peer("RA1", "RB1"), peer("N1", "N2")])
    after = release(rows, peers=[peer("RA1", "RB2"), peer("N1", "N3")])
    assert [change.trust_code for change in impact(before, after).peers] == ["RA1"]


def test_order_of_peers_is_no_change() -> None:
    before = release(peers=[peer("RA1", "RB1", rank=1), peer("RA1", "RB2", rank=2)])
    after = release(peers=[peer("RA1", "RB2", rank=1), peer("RA1", "RB1", rank=2)])
    assert impact(before, after).peers == ()


def test_new_period_is_held_against_the_newest_before() -> None:
    later = {"period": "2025-26", "period_end": date(2026, 3, 31)}
    before = release(peers=[peer("RA1", "RB0", period="2023-24", period_end=date(2024, 3, 31)), peer("RA1", "RB1")])
    same = [*before["peers"].to_pylist(), peer("RA1", "RB1", **later)]
    assert impact(before, release(peers=same)).peers == ()
    (change,) = impact(before, release(peers=[*before["peers"].to_pylist(), peer("RA1", "RB2", **later)])).peers
    assert (change.period_before, change.period_after) == ("2024-25", "2025-26")
    assert change.sentence == "RA1, near, 2025-26 (before: 2024-25): RB2 joined; RB1 left."


def test_correction_of_an_old_period_is_told_of_that_period() -> None:
    old = {"period": "2023-24", "period_end": date(2024, 3, 31)}
    before = release(peers=[peer("RA1", "RB0", **old), peer("RA1", "RB1")])
    after = release(peers=[peer("RA1", "RB7", **old), peer("RA1", "RB1")])
    (change,) = impact(before, after).peers
    assert (change.period_before, change.period_after, change.came) == ("2023-24", "2023-24", ("RB7",))


def test_findings_that_appear_and_those_that_are_settled() -> None:
    found = impact(release(findings=[finding("one"), finding("two")]), release(findings=[finding("two"), finding("3")]))
    assert [(each.kind, each.message) for each in found.findings] == [("appears", "3"), ("vanishes", "one")]


def test_nothing_changes_between_a_release_and_itself() -> None:
    same = release([opportunity("RA1")], [peer("RA1", "RB1")], [finding("one")])
    found = impact(same, same)
    assert set(found.counts.model_dump().values()) == {0}
    assert found.summary == (
        "Nothing changes: no trust's peers, no opportunity by more than £100,000, no finding across files.",
    )


@pytest.mark.parametrize("before", [None, {}])
def test_before_the_first_release_everything_appears(before: dict[str, pa.Table] | None) -> None:
    found = impact(before, release([opportunity("RA1")], [peer("RA1", "RB1")]))
    assert found.summary == (
        "There is no release to compare with: everything is new.",
        "Other peers: 1 trust (1 peer set).",
        "Opportunities that appear: 1.",
    )


def test_summary_counts_each_kind_in_a_plain_sentence() -> None:
    before = release([opportunity("RA1"), opportunity("RA2")], [peer("RA1", "RB1"), peer("RA2", "RB1")])
    after = release([opportunity("RA2", cash=1e6)], [peer("RA1", "RB2"), peer("RA2", "RB2")], [finding("one")])
    assert impact(before, after).summary == (
        "Other peers: 2 trusts (2 peer sets).",
        "Opportunities that vanish: 1.",
        "Opportunities that move by more than £100,000 (without cash: by more than 1% of the denominator): 1.",
        "Findings across files that appear: 1.",
    )


def test_two_hundred_of_each_are_told_the_biggest_first_and_all_are_counted() -> None:
    many = [opportunity(f"R{number:03}", cash=1e6 + number) for number in range(450)]
    sets = [peer(f"R{number:03}", f"S{place:03}") for number in range(250) for place in range(1 + number % 40)]
    found = impact(None, release(many, sets, [finding(str(number)) for number in range(201)]))
    assert (found.counts.appear, found.counts.peer_sets, found.counts.findings_appear) == (450, 250, 201)
    assert (len(found.opportunities), len(found.peers), len(found.findings)) == (200, 200, 200)
    assert [change.trust_code for change in found.opportunities[:2]] == ["R449", "R448"]
    assert (found.peers[0].came_count, len(found.peers[0].came)) == (40, 25)


def test_impact_goes_through_json_and_back() -> None:
    found = impact(release([opportunity("RA1")]), release([opportunity("RA2", cash=None)], [peer("RA1", "RB1")]))
    assert Impact.model_validate_json(found.model_dump_json()) == found


trusts, ids = st.sampled_from(["RA1", "RA2", "RA3"]), st.sampled_from(["a", "b"])
money = st.one_of(st.none(), st.sampled_from([0.0, 50_000.0, 150_000.0, 160_000.0, 400_000.0]))
rows = st.lists(
    st.builds(
        lambda trust, name, status, cash: opportunity(trust, cash, opportunity_id=name, status=status),
        trusts,
        ids,
        st.sampled_from(["opportunity", "no_data"]),
        money,
    ),
    unique_by=lambda row: (row["trust_code"], row["opportunity_id"]),
)
peer_rows = st.lists(
    st.builds(lambda trust, code, role: peer(trust, code, role=role), trusts, trusts, st.sampled_from(["peer", "x"])),
    unique_by=lambda row: (row["trust_code"], row["peer_code"]),
)


@given(rows, rows, peer_rows, peer_rows)
def test_counts_are_those_of_a_slow_and_obvious_count(
    old: list[dict[str, Any]], new: list[dict[str, Any]], were: list[dict[str, Any]], are: list[dict[str, Any]]
) -> None:
    found = impact(release(old, were), release(new, are)).counts.model_dump()
    expected = slow_counts(old, new, were, are)
    assert {name: found[name] for name in expected} == expected


@given(rows, rows, peer_rows, peer_rows)
def test_the_way_back_undoes_what_the_way_there_did(
    old: list[dict[str, Any]], new: list[dict[str, Any]], were: list[dict[str, Any]], are: list[dict[str, Any]]
) -> None:
    there = impact(release(old, were), release(new, are)).counts
    back = impact(release(new, are), release(old, were)).counts
    assert (there.appear, there.vanish, there.move) == (back.vanish, back.appear, back.move)
    assert (there.peer_sets, there.trusts_with_other_peers) == (back.peer_sets, back.trusts_with_other_peers)


def test_sentences_have_the_words_and_the_currency_of_the_programme() -> None:
    schools = {"organisation": {"one": "school", "many": "schools"}, "currency": "SEK"}
    programme = Programme.model_validate(SETTINGS | schools)
    before = release([opportunity("S1"), opportunity("S2")], [peer("S1", "S2")])
    after = release([opportunity("S1", cash=1e6), opportunity("S2")])
    found = impact(before, after, programme)
    kronor = "SEK\N{NO-BREAK SPACE}"
    assert found.summary == (
        "Other peers: 1 school (1 peer set).",
        f"Opportunities that move by more than {kronor}100,000 (without cash: by more than 1% of the denominator): 1.",
    )
    assert f"moves from {kronor}250,000–{kronor}500,000 to {kronor}500,000–{kronor}1,000,000" in (
        found.opportunities[0].sentence
    )
    assert impact(before, before, programme).summary == (
        f"Nothing changes: no school's peers, no opportunity by more than {kronor}100,000, no finding across files.",
    )
