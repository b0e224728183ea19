"""Snapshots: the current file of a slot, whatever happened to its keys and in whatever second."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import verdicts
from shared.errors import NotReady
from shared.keys import REJECTED, VerdictName, key_hash
from shared.method.load import Method
from shared.parts import STATEMENT
from shared.snapshot import Log, methods_in_force, take
from shared.store import Landed
from shared.verdicts import method_rules_for, rules_for
from tests.oracles.current_files import Act, current_files

START = datetime(2026, 1, 1, tzinfo=UTC)
CONTRACT = SimpleNamespace(model_dump_json=lambda: "{}", relation=False)
METHOD = cast(Method, SimpleNamespace(datasets={"ae": CONTRACT, "eric": CONTRACT}))
KEYS = ["ae/2024-08/a.csv", "ae/2024-08/b.csv", "ae/2024-08/part1/a.csv", "eric/2015-16/a.csv"]


def history_of(acts: Sequence[Act]) -> list[Landed]:
    """The acts as the bucket's listing shows them: keys sorted, newest entry of each first."""
    entries = [Landed(a.key, f"v{i}", START + timedelta(seconds=a.at), a.file_id is None) for i, a in enumerate(acts)]
    return [entry for key in sorted({a.key for a in acts}) for entry in reversed(entries) if entry.key == key]


def log_of(acts: Sequence[Act], unjudged: frozenset[int] = frozenset()) -> Log:
    names = []
    for i, act in enumerate(acts):
        if act.file_id is not None and i not in unjudged:
            rules = rules_for(act.key, METHOD)
            names.append(
                VerdictName(rules.dataset, rules.contract_id, key_hash(act.key), f"v{i}", act.file_id or REJECTED)
            )
    return Log(history_of(acts), names)


def nothing(file_id: str) -> pd.DataFrame:
    """What no file overlaps with."""
    return pd.DataFrame(columns=STATEMENT)


act_lists = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(KEYS), st.sampled_from(["f1", "f2", "f3", "", None])), max_size=12
).map(lambda steps: [Act(at, key, file_id) for at, key, file_id in sorted(steps, key=lambda step: step[0])])


@given(act_lists)
def test_current_files_are_those_of_replaying_the_history(acts: list[Act]) -> None:
    look = take(log_of(acts), "m", METHOD, nothing)
    assert look.snapshot.file_ids() == current_files(acts)
    assert look.unjudged == []


def test_a_version_without_a_verdict_leaves_the_one_before_current_and_is_asked_for() -> None:
    acts = [Act(0, KEYS[0], "old"), Act(1, KEYS[0], "new")]
    look = take(log_of(acts, unjudged=frozenset({1})), "m", METHOD, nothing)
    assert look.snapshot.file_ids() == {"ae/2024-08": "old"}
    assert look.unjudged == [KEYS[0]]
    assert not look.rereading


def test_versions_judged_under_other_rules_only_mean_that_files_are_being_read_anew() -> None:
    acts = [Act(0, KEYS[0], "old")]
    log = log_of(acts)
    changed = SimpleNamespace(model_dump_json=lambda: '{"changed": 1}', relation=False)
    other = cast(Any, SimpleNamespace(datasets={"ae": changed}))
    look = take(log, "m2", other, nothing)
    assert look.rereading
    assert look.snapshot.files == ()


def test_a_raised_conform_build_reads_files_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    log = log_of([Act(0, KEYS[0], "old")])
    monkeypatch.setattr(verdicts, "CONFORM_BUILD", verdicts.CONFORM_BUILD + 1)
    assert take(log, "m", METHOD, nothing).unjudged == [KEYS[0]]


def method_log(*landed: tuple[int, str, str | None]) -> Log:
    """(second, key, outcome); outcome None is a version without a verdict."""
    rules = method_rules_for()
    acts = [Act(at, key, "x") for at, key, _ in landed]
    names = [
        VerdictName(rules.dataset, rules.contract_id, key_hash(key), f"v{i}", outcome)
        for i, (_, key, outcome) in enumerate(landed)
        if outcome is not None
    ]
    return Log(history_of(acts), names)


def test_first_accepted_method_is_current_and_the_newest_the_preview() -> None:
    log = method_log((0, "method/0/m.yaml", REJECTED), (1, "method/2/m.yaml", "B"), (2, "method/1/m.yaml", "A"))
    assert methods_in_force(log) == {"current": "B", "preview": "A"}


def test_one_method_has_no_preview() -> None:
    assert methods_in_force(method_log((0, "method/1/m.yaml", "A"), (5, "method/2/m.yaml", "A"))) == {"current": "A"}


def test_no_method_is_current_while_an_earlier_one_is_unjudged() -> None:
    with pytest.raises(NotReady):
        methods_in_force(method_log((0, "method/1/m.yaml", None), (1, "method/2/m.yaml", "B")))


def test_a_corrected_method_on_the_same_key_is_a_preview_until_promoted() -> None:
    assert methods_in_force(method_log((0, "method/1/m.yaml", "A"), (1, "method/1/m.yaml", "A2"))) == {
        "current": "A",
        "preview": "A2",
    }
