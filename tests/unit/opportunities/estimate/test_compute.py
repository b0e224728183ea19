"""Blocks of shards: in which order, and what is in memory."""

import weakref
from collections.abc import Mapping

import pandas as pd
import pytest

from functions.opportunities.estimate import compute as blocks
from functions.opportunities.figures.scope import Pairs, Scope
from functions.opportunities.measure.survey import DatasetSurvey
from shared.facts.facts import Facts
from tests.support.facts_of import WholeFacts
from tests.support.small_programme import CODES, TEN_TO_SEVENTY, everyone_near, facts_of, figures, method, peers_of

RULES = method({"cost": {}, "other": {}}, {"cost": {}})
ROWS = [*TEN_TO_SEVENTY, *figures("other", dict.fromkeys(CODES, 5))]


class Watched:
    """A source that reads facts anew for each block. `alive`: whether those before were still there, each time."""

    def __init__(self, facts: Facts) -> None:
        self._whole = WholeFacts(facts, RULES)
        self._given: weakref.ref[Facts] | None = None
        self.alive: list[bool] = []

    @property
    def texts(self) -> Facts:
        return self._whole.texts

    @property
    def surveys(self) -> Mapping[str, DatasetSurvey]:
        return self._whole.surveys

    def facts(self, pairs: Pairs) -> Facts:
        if self._given is not None:
            self.alive.append(self._given() is not None)
        tables: dict[str, pd.DataFrame] = {**self.texts.tables}
        given = Facts(tables, RULES.datasets)
        self._given = weakref.ref(given)
        return given


def test_facts_of_a_block_are_gone_before_those_of_the_next_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "COLUMNS", 1)
    source = Watched(facts_of(ROWS, RULES))
    scope = Scope.of(source, peers_of(everyone_near(CODES)), RULES)
    computed = [shard for shard, _ in blocks.compute(source, scope, scope.plan.shards)]
    assert [shard.metric for shard in computed] == ["cost", "other"]
    assert source.alive == [False]
