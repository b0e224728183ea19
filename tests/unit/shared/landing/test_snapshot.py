"""Snapshots: the current file of a slot, whatever happened to its keys and in whatever second."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import NotReady
from shared.keys import VerdictName, key_hash
from shared.landed import Landed
from shared.landing import decisions as landed_decisions
from shared.landing import verdicts
from shared.landing.decisions import LandedDecision
from shared.landing.history import Log, in_force, methods_in_force, unjudged_methods
from shared.landing.parts import STATEMENT
from shared.landing.snapshot import take
from shared.landing.verdicts import method_rules_for, rules_for
from shared.method.method import Method
from shared.statuses import FileStatus
from tests.oracles.current_files import Decision, Standing, Step, current_files, standing

REJECTED = FileStatus.REJECTED
START = datetime(2026, 1, 1, tzinfo=UTC)
CONTRACT = SimpleNamespace(model_dump_json=lambda: "{}", relation=False)
METHOD = cast(Method, SimpleNamespace(datasets={"ae": CONTRACT, "eric": CONTRACT}))
KEYS = ["ae/2024-08/a.csv", "ae/2024-08/b.csv", "ae/2024-08/part1/a.csv", "eric/2015-16/a.csv"]


def history_of(steps: Sequence[Step]) -> list[Landed]:
    """The steps as the bucket's listing shows them: keys sorted, newest entry of each first."""
    entries = [Landed(a.key, f"v{i}", START + timedelta(seconds=a.at), a.file_id is None) for i, a in enumerate(steps)]
    return [entry for key in sorted({a.key for a in steps}) for entry in reversed(entries) if entry.key == key]


def log_of(steps: Sequence[Step], unjudged: frozenset[int] = frozenset()) -> Log:
    names = []
    for i, step in enumerate(steps):
        if step.file_id is not None and i not in unjudged:
            rules = rules_for(step.key, METHOD)
            names.append(
                VerdictName(rules.dataset, rules.contract_id, key_hash(step.key), f"v{i}", step.file_id or REJECTED)
            )
    return Log(history_of(steps), names)


def nothing(file_id: str) -> pa.Table:
    """What no file overlaps with."""
    return pa.table({name: pa.array([], pa.string()) for name in STATEMENT})


step_lists = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(KEYS), st.sampled_from(["f1", "f2", "f3", "", None])), max_size=12
).map(lambda steps: [Step(at, key, file_id) for at, key, file_id in sorted(steps, key=lambda step: step[0])])


@given(step_lists)
def test_current_files_are_those_of_replaying_the_history(steps: list[Step]) -> None:
    look = take(log_of(steps), "m", METHOD, nothing)
    assert look.snapshot.file_ids() == current_files(steps)
    assert look.unjudged == []


def test_a_version_without_a_verdict_leaves_the_one_before_current_and_is_asked_for() -> None:
    steps = [Step(0, KEYS[0], "old"), Step(1, KEYS[0], "new")]
    look = take(log_of(steps, unjudged=frozenset({1})), "m", METHOD, nothing)
    assert look.snapshot.file_ids() == {"ae/2024-08": "old"}
    assert look.unjudged == [KEYS[0]]
    assert not look.rereading


def test_versions_judged_under_other_rules_only_mean_that_files_are_being_read_anew() -> None:
    steps = [Step(0, KEYS[0], "old")]
    log = log_of(steps)
    changed = SimpleNamespace(model_dump_json=lambda: '{"changed": 1}', relation=False)
    other = cast(Any, SimpleNamespace(datasets={"ae": changed}))
    look = take(log, "m2", other, nothing)
    assert look.rereading
    assert look.snapshot.files == ()


def test_a_raised_conform_build_reads_files_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of([Step(0, KEYS[0], "old")])
    monkeypatch.setattr(verdicts, "CONFORM_BUILD", verdicts.CONFORM_BUILD + 1)
    assert take(log, "m", METHOD, nothing).unjudged == [KEYS[0]]


def methods_landed(*landed: tuple[int, str, str | None]) -> tuple[list[Landed], list[VerdictName]]:
    """(second, key, outcome) as history and verdicts; outcome None is a version without a verdict."""
    rules = method_rules_for()
    steps = [Step(at, key, "x") for at, key, _ in landed]
    names = [
        VerdictName(rules.dataset, rules.contract_id, key_hash(key), f"v{i}", outcome)
        for i, (_, key, outcome) in enumerate(landed)
        if outcome is not None
    ]
    return history_of(steps), names


def method_log(*landed: tuple[int, str, str | None]) -> Log:
    return Log(*methods_landed(*landed))


def test_first_accepted_method_is_current_and_the_newest_the_preview() -> None:
    log = method_log((0, "method/0/m.yaml", REJECTED), (1, "method/2/m.yaml", "B"), (2, "method/1/m.yaml", "A"))
    assert methods_in_force(log) == {"current": "B", "preview": "A"}


def test_one_method_has_no_preview() -> None:
    assert methods_in_force(method_log((0, "method/1/m.yaml", "A"), (5, "method/2/m.yaml", "A"))) == {"current": "A"}


def test_a_raised_method_build_judges_methods_again(monkeypatch: pytest.MonkeyPatch) -> None:
    log = method_log((0, "method/1/m.yaml", "A"))
    assert unjudged_methods(log) == []
    monkeypatch.setattr(verdicts, "METHOD_BUILD", verdicts.METHOD_BUILD + 1)
    assert unjudged_methods(log) == ["method/1/m.yaml"]


def test_no_method_is_current_while_an_earlier_one_is_unjudged() -> None:
    with pytest.raises(NotReady):
        methods_in_force(method_log((0, "method/1/m.yaml", None), (1, "method/2/m.yaml", "B")))


def test_a_corrected_method_on_the_same_key_is_a_preview_until_promoted() -> None:
    assert methods_in_force(method_log((0, "method/1/m.yaml", "A"), (1, "method/1/m.yaml", "A2"))) == {
        "current": "A",
        "preview": "A2",
    }


def test_log_of_some_versions_alone_is_the_log_as_if_nothing_else_had_been_landed() -> None:
    history = [
        Step(0, KEYS[0], "old"), Step(1, KEYS[0], "new"), Step(2, KEYS[1], "b"), Step(3, KEYS[0], None),
        Step(4, KEYS[3], "e"),
    ]  # fmt: skip
    look = take(log_of(history).only({(KEYS[0], "v0"), (KEYS[3], "v4")}), "m", METHOD, nothing)
    assert look.snapshot.file_ids() == {"ae/2024-08": "old", "eric/2015-16": "e"}


def decided_log(methods: Sequence[str | None], decisions: Sequence[Decision | None]) -> Log:
    """Methods in order of landing (None: no verdict yet), and decisions (None: an object that is not a decision)."""
    history, names = methods_landed(*[(at, f"method/{at}/m.yaml", one) for at, one in enumerate(methods)])
    landed = {landed_decisions.key(number): decision for number, decision in enumerate(decisions, 1)}

    def read(entry: Landed) -> LandedDecision | None:
        decision = landed[entry.key]
        if decision is None:
            return None
        told: dict[str, Any] = {"action": decision.action, "who": "x", "why": "y", "when": START}
        if decision.method_id:
            told |= {"release_id": "0" * 32, "method_id": decision.method_id}
        if decision.action == "rollback":
            told["versions"] = [("k", "v")]
        return LandedDecision(number=landed_decisions.number_of(entry.key) or 0, **told)

    return Log([Landed(key, "1", START, deleted=False) for key in landed] + history, names, read)


A, B, C, NEVER = ("a" * 32, "b" * 32, "c" * 32, "d" * 32)
decisions = st.one_of(
    st.none(),
    st.just(Decision("resume")),
    st.builds(Decision, st.sampled_from(["promote", "rollback"]), st.sampled_from([A, B, C, NEVER])),
)


@given(st.permutations([A, B, C]), st.integers(1, 3), st.lists(decisions, max_size=8))
def test_methods_in_force_are_those_of_replaying_the_acts(
    methods: list[str], count: int, made: list[Decision | None]
) -> None:
    accepted = methods[:count]
    force = in_force(decided_log(accepted, made))
    hold = force.decisions.hold if force.decisions else None
    found = Standing(force.methods["current"], force.methods.get("preview"), hold.number if hold else None)
    assert found == standing(accepted, [(number, one) for number, one in enumerate(made, 1) if one])


def test_no_method_is_current_while_the_promoted_one_may_be_unjudged() -> None:
    with pytest.raises(NotReady, match="decision 1"):
        in_force(decided_log([A, None], [Decision("promote", B)]))
    assert in_force(decided_log([A, None], [Decision("promote", A)])).methods == {"current": A}


def test_numbers_of_withdrawn_acts_are_not_given_again() -> None:
    log = Log(
        [
            Landed(landed_decisions.key(3), "2", START, deleted=True),
            Landed(landed_decisions.key(3), "1", START, deleted=False),
        ],
        [],
    )
    assert log.last_decision() == 3
    assert list(log.decisions()) == []


# ---- files that were replaced by a file of another name with fewer organisations ------------------------------------

CODES = {"f1": [f"RA{n}" for n in range(10)], "f2": [f"RA{n}" for n in range(9)], "f3": [f"RA{n}" for n in range(10)]}


def codes_of(file_id: str) -> pa.Table:
    codes = CODES[file_id]
    return pa.table({name: codes if name == "code" else pa.nulls(len(codes), pa.string()) for name in STATEMENT})


def lost(*steps: Step) -> list[tuple[str, str, tuple[str, ...], int]]:
    """(file before, file in use, codes lost, codes before) of each slot."""
    found = take(log_of(steps), "m", METHOD, codes_of).snapshot.replaced
    return [(each.file.file_id, each.by.file_id, each.codes, each.total) for each in found]


def test_a_file_of_another_name_with_fewer_organisations_is_remembered() -> None:
    both = [Step(0, KEYS[0], "f1"), Step(1, KEYS[1], "f2")]
    assert lost(*both) == [("f1", "f2", ("RA9",), 10)]
    assert take(log_of(both), "m", METHOD, codes_of).snapshot.file_ids() == {
        "ae/2024-08": "f2",
        "ae/2024-08 replaced": "f1",
    }


@pytest.mark.parametrize(
    "steps",
    [
        [Step(0, KEYS[0], "f1"), Step(1, KEYS[0], "f2")],  # a correction under the same name
        [Step(0, KEYS[0], "f1"), Step(1, KEYS[1], "f3")],  # nothing is lost
        [Step(0, KEYS[0], "f2"), Step(1, KEYS[1], "f1")],  # something is won
        [Step(0, KEYS[0], "f1"), Step(1, KEYS[0], None), Step(2, KEYS[1], "f2")],  # the file before was deleted
        [Step(0, KEYS[0], "f1"), Step(1, KEYS[1], "")],  # the newer file was rejected
    ],
)
def test_nothing_is_said_where_no_other_file_lost_an_organisation(steps: list[Step]) -> None:
    assert lost(*steps) == []


def test_a_few_of_many_organisations_are_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer than a tenth: trusts merge and close."""
    monkeypatch.setitem(CODES, "f1", [f"RA{n}" for n in range(11)])
    monkeypatch.setitem(CODES, "f2", [f"RA{n}" for n in range(10)])
    assert lost(Step(0, KEYS[0], "f1"), Step(1, KEYS[1], "f2")) == []


def test_units_that_a_file_lacks_count_as_lost() -> None:
    def of_units(file_id: str) -> pa.Table:
        units = ["S1", "S2", "S3"] if file_id == "f1" else ["S1"]
        return pa.table({name: {"code": ["RA1"] * len(units)}.get(name, units) for name in STATEMENT})

    (found,) = take(log_of([Step(0, KEYS[0], "f1"), Step(1, KEYS[1], "f2")]), "m", METHOD, of_units).snapshot.replaced
    assert (found.codes, found.total) == (("RA1 S2", "RA1 S3"), 3)
