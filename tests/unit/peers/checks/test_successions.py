"""Successions that the register or the figures contradict, and unknown codes in lists of peers."""

import pytest

from functions.peers.checks.successions import contradicted, strangers
from functions.peers.groups import peer_groups
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.load import bundle, load
from tests.support.facts_of import facts_of, known_of
from tests.support.paths import METHOD as FOLDER

METHOD = load(bundle(FOLDER))
HEADER = "code,period_start,period_end,measure,value,text,period\n"


def register(*codes: str, closed: str = "") -> str:
    rows = [f"{code},2025-01-01,2025-12-31,name,,Trust {code},2025\n" for code in codes]
    rows += [f"{code},2025-01-01,2025-12-31,region,,Y56,2025\n" for code in codes]
    rows += [f"{closed},2025-01-01,2025-12-31,closed,,2024-10-01,2025\n"] if closed else []
    return "".join(rows)


def landed(*successions: str, roll: str, reports: str = "RI4,RI5", day: str = "2025-01-01") -> Facts:
    """`successions`: old, new and day, with a blank between; `reports`: the codes with figures in a month."""
    rows = [each.split() for each in successions]
    return facts_of(
        ods_successors=HEADER + "".join(f"{old},{on},{on},successor,,{new},2025\n" for old, new, on in rows),
        ods_trusts=HEADER + roll,
        sickness_absence=HEADER
        + "".join(f"{code},{day},2025-01-31,fte_days_lost,5,,2025-01\n" for code in reports.split(",") if code),
    )


def told(facts: Facts) -> list[str]:
    return [
        row["message"] for row in contradicted(known_of(facts, METHOD), Population(facts, METHOD.programme), METHOD)
    ]


def test_an_open_trust_that_reports_was_not_taken_over() -> None:
    (message,) = told(landed("RI4 RI5 2024-10-01", roll=register("RI4", "RI5")))
    assert message == (
        "ods_successors 2025 says that RI5 took RI4 over on 2024-10-01, but ods_trusts lists RI4 as open, and RI4 "
        "reports in sickness_absence 2025-01. Correct the one that is wrong and land it again."
    )


def test_a_successor_that_is_unknown_takes_no_place() -> None:
    facts = landed("RI4 RX9 2024-10-01", roll=register("RI4", "RI5"))
    (message,) = told(facts)
    assert "neither the register nor any figure knows RX9" in message
    assert message.endswith("Until then RI4 stays in the lists of peers.")


@pytest.mark.parametrize(
    "facts",
    [
        landed("RI4 RI5 2024-10-01", roll=register("RI4", "RI5", closed="RI4"), reports="RI5"),
        landed("RI4 RI5 2024-10-01", roll=register("RI4", "RI5", closed="RI4")),  # its last figures, of a closed trust
        landed("RI4 RI5 2024-10-01", roll=register("RI4", "RI5"), reports="RI5"),  # open in an older register only
        landed("RI4 RI5 2025-02-01", roll=register("RI4", "RI5")),  # in the future, as of the newest figures
        landed("RI4 RI5 2025-01-15", roll=register("RI4", "RI5")),  # the month in which it happened
    ],
)
def test_successions_that_nothing_contradicts_are_not_told(facts: Facts) -> None:
    assert told(facts) == []


def lists(*pairs: str) -> Facts:
    rows = [pair.split() for pair in pairs]
    return facts_of(
        peer_lists=HEADER + "".join(f"{one},,,peer,,{other},trust_peer_finder\n" for one, other in rows),
        ods_trusts=HEADER + register("RI1", "RI2"),
        sickness_absence=HEADER + "RI3,2025-01-01,2025-01-31,fte_days_lost,5,,2025-01\n",
    )


def test_unknown_codes_of_a_landed_list_are_told_and_never_listed() -> None:
    """RI3 is not in the register, but has a figure."""
    facts = lists("RI1 RI2", "RI1 RI3", "RI1 QQQ", "RI2 QQQ", "RI2 ZZZ")
    population = Population(facts, METHOD.programme)
    (row,) = strangers(known_of(facts, METHOD), population, METHOD)
    assert (row["rule"], row["dataset"], row["period"]) == ("unknown_peer", "peer_lists", "trust_peer_finder")
    assert "names 2 peers (QQQ, ZZZ) that neither the register nor a file with figures has" in row["message"]
    listed = [
        (each["trust_code"], each["peer_code"])
        for each in peer_groups(facts, METHOD, population).to_pylist()
        if each["group_id"] == "published_trust_peer_finder"
    ]
    assert listed == [("RI1", "RI2"), ("RI1", "RI3")]
