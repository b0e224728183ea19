"""What files tell about each other: replaced files, mistyped codes, organisations that are no trusts."""

from typing import Any

import pytest

from functions.peers.checks.across import findings
from functions.peers.checks.continuity import mistyped, not_trusts
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.landing.parts import Replaced, SlotFile
from shared.landing.snapshot import Snapshot
from shared.method.load import load
from shared.method.names import Organisation
from tests.support.facts_of import facts_of, known_of
from tests.support.pipeline.small import METHOD_TEXT

METHOD = load(METHOD_TEXT)
EMPTY = Snapshot(method_id="m", files=())
ROLL = "code,period_start,period_end,measure,text,period\n" + "".join(
    f"RA{n},2025-01-01,2025-12-31,name,Trust {n},2025\n" for n in range(5)
)
DAYS = {"2025-01": "2025-01-01,2025-01-31", "2025-02": "2025-02-01,2025-02-28", "2025-03": "2025-03-01,2025-03-31"}


def work(figures: dict[str, dict[str, float]]) -> Facts:
    """period → code → cost."""
    lines = [
        f"{code},{DAYS[period]},cost,{value},{period}\n" for period, of in figures.items() for code, value in of.items()
    ]
    return facts_of(roll=ROLL, work="code,period_start,period_end,measure,value,period\n" + "".join(lines))


def population(facts: Facts) -> Population:
    return Population(facts, METHOD.programme)


@pytest.mark.parametrize(
    ("stranger", "instead_of", "said"),
    [
        ("RB1", "RA1", "RB1 is probably mistyped for RA1"),
        ("AR1", "RA1", "AR1 is probably mistyped for RA1"),
        ("RA100", "RA1", "RA100 looks like a unit of RA1"),
    ],
)
def test_a_strangers_code_is_put_beside_the_trust_that_is_missing(stranger: str, instead_of: str, said: str) -> None:
    codes = {f"RA{n}": 1.0 for n in range(5)}
    now = {code: 1.0 for code in codes if code != instead_of} | {stranger: 1.0}
    facts = work({"2025-01": codes, "2025-02": now})
    (told,) = mistyped(known_of(facts, METHOD), population(facts), METHOD)
    assert (told["rule"], told["period"], told["trust_code"]) == ("mistyped_code", "2025-02", instead_of)
    assert said in told["message"]


def test_strangers_are_not_put_beside_trusts_that_report_or_never_did() -> None:
    codes = {f"RA{n}": 1.0 for n in range(4)}
    for now in (codes | {"RA100": 1.0}, {"RA0": 1.0, "RZZ99": 1.0, "RA2": 1.0, "RA3": 1.0}, codes | {"RB4": 1.0}):
        facts = work({"2025-01": codes, "2025-02": now})
        assert list(mistyped(known_of(facts, METHOD), population(facts), METHOD)) == []


def test_of_two_trusts_that_it_may_stand_for_none_is_named() -> None:
    """RA9 may be RA1 or RA2."""
    facts = work({"2025-01": {f"RA{n}": 1.0 for n in range(5)}, "2025-02": {"RA0": 1, "RA3": 1, "RA4": 1, "RA9": 1}})
    assert list(mistyped(known_of(facts, METHOD), population(facts), METHOD)) == []


def test_organisations_that_are_not_trusts_are_counted_once_a_dataset() -> None:
    facts = work({"2025-01": {"RA0": 1.0, "QQQ01": 1.0}, "2025-02": {"RA0": 1.0, "QQQ01": 1.0, "QQQ02": 1.0}})
    (told,) = not_trusts(known_of(facts, METHOD), population(facts), METHOD)
    assert (told["rule"], told["dataset"], told["period"]) == ("not_trusts", "work", "2025-02")
    assert "2 of 3 organisations are not trusts of the programme (QQQ01, QQQ02)" in told["message"]
    without_register = Facts({"work": facts.tables["work"]})
    assert list(not_trusts(known_of(without_register, METHOD), population(without_register), METHOD)) == []


def file_of(name: str, file_id: str) -> dict[str, Any]:
    return {
        "dataset": "work", "period": "2025-01", "part": "", "file_id": file_id, "landing_key": f"work/2025-01/{name}",
        "version_id": "v", "landed_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip


def test_a_file_that_replaced_another_without_some_organisations_is_named() -> None:
    before, after = (SlotFile.model_validate(file_of(*each)) for each in (("north.csv", "f1"), ("south.csv", "f2")))
    lost = Replaced(file=before, by=after, codes=("RA1", "RA2"), total=3)
    snapshot = Snapshot(method_id="m", files=(after,), replaced=(lost,))
    facts = work({"2025-01": {"RA0": 1.0}})
    told = [
        row
        for row in findings(known_of(facts, METHOD), snapshot, METHOD, population(facts)).to_pylist()
        if row["rule"] != "coverage"
    ]
    assert [(row["severity"], row["rule"], row["file_id"]) for row in told] == [("warning", "replaced_file", "f2")]
    assert told[0]["message"] == (
        "south.csv replaced north.csv as the file of work/2025-01 and lacks 2 of its 3 organisations (RA1, RA2). If "
        "both belong together, land them as parts (work/2025-01/<part>/…) or as one file. If south.csv is the whole "
        "file, delete north.csv."
    )


def test_a_closed_trust_is_not_missing() -> None:
    facts = facts_of(
        roll=ROLL + "RA1,2025-01-01,2025-12-31,closed,2019-04-01,2025\n",
        work=f"code,period_start,period_end,measure,value,period\nRB1,{DAYS['2025-01']},cost,1,2025-01\n",
    )
    assert [row["trust_code"] for row in mistyped(known_of(facts, METHOD), population(facts), METHOD)] == []


def test_findings_call_organisations_by_the_words_of_the_programme() -> None:
    practices = METHOD.programme.model_copy(update={"organisation": Organisation(one="practice", many="practices")})
    method = METHOD.model_copy(update={"programme": practices})
    facts = work({"2025-01": {"RA0": 1.0, "QQQ01": 1.0, "RA8": 1.0}})
    (others,) = not_trusts(known_of(facts, method), population(facts), method)
    assert "1 of 3 organisations are not practices of the programme (QQQ01)" in others["message"]
    assert "If one of them is a practice, correct its code or land a newer register." in others["message"]
    (unknown,) = (
        row
        for row in findings(known_of(facts, method), EMPTY, method, population(facts)).to_pylist()
        if row["rule"] == "unknown_trust"
    )
    assert "RA8, which is neither in the register (roll) nor in the successions (succession)" in unknown["message"]
    assert "if the register lacks the practice, land a newer register" in unknown["message"]


def test_findings_name_no_successions_that_the_programme_does_not_have() -> None:
    rule = METHOD.programme.population.model_copy(update={"successors": None})
    programme = METHOD.programme.model_copy(update={"population": rule})
    method = METHOD.model_copy(update={"programme": programme})
    facts = work({"2025-01": {"RA0": 1.0, "RA8": 1.0}})
    messages = [
        row["message"]
        for row in findings(known_of(facts, method), EMPTY, method, Population(facts, programme)).to_pylist()
    ]
    assert any("RA8, which is not in the register (roll). If the code is mistyped" in text for text in messages)
    assert not any("succession" in text for text in messages)
