"""The keys of shards: hashes of exactly what each is computed from. What has the same key has the same tables.

A key that names too much costs time, one that names too little gives a wrong figure: whatever a shard comes to read has
to be added here. `tests/pipeline/test_shards.py` compares releases with those of computing everything at once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from functions.opportunities.figures.breaks import redefined
from functions.opportunities.figures.scope import FactSource, Level, Pairs, Scope
from functions.opportunities.measure.plan import Shard
from functions.opportunities.measure.windows import HeldWindow
from shared.compute import pc
from shared.content import canonical, digest
from shared.method.measures import SourcedRatio
from shared.method.opportunities import NATIONAL, TARGET, Opportunity, Rate
from shared.method.peer_groups import SameAttributeGroup
from shared.method.terms import Period, Ref

SHARD_BUILD = 3
"""Raise it when shards could be computed differently than before from the same facts, groups and method: then every
shard is computed again. A test compares the computing code with the digest recorded for this number."""


class NamedFacts(FactSource, Protocol):
    """A source that can say which files and findings its facts are made of."""

    def made_of(self, pairs: Pairs) -> Any:
        """The files of some measures and periods, and the findings about them, as JSON-able values."""

    def made_of_dataset(self, dataset: str) -> Any:
        """The files of a dataset, likewise."""


class ShardKeys:
    """Keys for the shards of one scope. `peers` has the schema PEERS."""

    def __init__(self, source: NamedFacts, scope: Scope, peers: pa.Table) -> None:
        self._source, self._scope, self._peers = source, scope, peers
        self._method, self._held = scope.method, scope.held
        self._groups: dict[tuple[int, str, Period | None], str] = {}
        self._metrics: dict[str, str] = {}
        self._of_all = digest(
            canonical(
                [
                    SHARD_BUILD,
                    self._method.programme.peer_group,
                    [
                        [one.id, one.codes, [one.names.get(code) for code in one.codes], one.belongs]
                        for one in scope.levels
                    ],
                ]
            )
        )

    def of(self, shards: Sequence[Shard]) -> list[str]:
        """The keys of some shards, which are in the plan's order."""
        columns = self._scope.plan.columns(shards)
        flags = []
        for level in self._scope.levels:
            flags += [
                level.takeovers.after(columns.cases),
                level.takeovers.since_the_window_before(columns.cases),
                level.types.changed(columns.cases),
            ]
        meant = redefined(columns.cases)
        return [
            digest(
                self._of_all,
                canonical(self._read(shard)),
                *(np.packbits(each[:, own]).tobytes() for each in flags),
                meant[own].tobytes(),
            )
            for shard, own in zip(shards, columns.cases_of, strict=True)
        ]

    def _read(self, shard: Shard) -> Any:
        metric, opportunities = self._method.metrics[shard.metric], self._scope.plan.opportunities[shard.metric]
        pairs = self._scope.plan.reads(shard, self._held)
        rates = [rate for _, one in opportunities for rate in _rates(one)]
        baselines = [
            [str(rule.period), _window(self._scope.plan.baselines[one.metric, rule.period])]
            for _, one in opportunities
            for rule in one.rules
            if rule.period is not None
        ]
        return [
            self._of_metric(shard.metric),
            _window(shard.window),
            shard.before and _window(shard.before),
            baselines,
            self._source.made_of(pairs),
            [self._sources(each, shard.window.periods) for each in (metric, *rates)],
            sorted(f"{name} {period}" for name, period in pairs if period in self._held.zero_where_absent(name)),
            [
                self._group(nth, level, name, shard.window.period)
                for nth, level in enumerate(self._scope.levels)
                for name in sorted(self._compared(shard))
            ],
            self._units(shard),
        ]

    def _of_metric(self, name: str) -> str:
        """What of the method a metric and its opportunities obey."""
        if name not in self._metrics:
            opportunities = self._scope.plan.opportunities[name]
            prices = {price for _, one in opportunities for price in one.price_ids()}
            content = [
                name,
                self._method.metrics[name].model_dump_json(),
                [[each, one.model_dump_json()] for each, one in opportunities],
                {price: self._method.prices[price].value for price in prices},
            ]
            self._metrics[name] = digest(canonical(content))
        return self._metrics[name]

    def _sources(self, ratio: SourcedRatio, periods: Iterable[Period]) -> list[int | None]:
        """Which of a ratio's sources each period uses."""
        chosen = (self._held.source(ratio.sources, period) for period in periods)
        return [None if one is None else ratio.sources.index(one) for one in chosen]

    def _compared(self, shard: Shard) -> set[str]:
        """The groups in which a shard's organisations are compared."""
        rule = self._method.metrics[shard.metric].plausibility
        named = {rule.group, self._method.programme.peer_group}
        for _, one in self._scope.plan.opportunities[shard.metric]:
            named |= {one.comparator, one.fallback}
        return {name for name in named if name is not None and name not in (NATIONAL, TARGET)}

    def _group(self, nth: int, level: Level, name: str, period: Period | None) -> str:
        """The members of a group of a level, as it was in a period."""
        group = self._method.peer_groups.get(name)
        days = None
        if isinstance(group, SameAttributeGroup):
            days = level.sets.period_of(name, period)
        if (nth, name, days) not in self._groups:
            kind = "" if group is None else group.kind
            if isinstance(group, SameAttributeGroup):
                content: Any = [*_texts(level, group, days)]
            else:
                own = self._peers.filter(pc.field("group_id") == name) if nth == 0 else self._peers.slice(0, 0)
                content = [own[column].to_numpy().tolist() for column in ("trust_code", "peer_code", "role")]
            self._groups[nth, name, days] = digest(name, kind, canonical(content))
        return self._groups[nth, name, days]

    def _units(self, shard: Shard) -> Any:
        """What the units of the newest window are named by; None if a shard's figures are not made of units."""
        metric, levels = self._method.metrics[shard.metric], self._scope.levels
        datasets = sorted({Ref.parse(name).dataset for name in metric.measures()})
        named = [name for name in datasets if (one := self._method.datasets.get(name)) and one.unit]
        if not shard.newest or not (named or len(levels) > 1):
            return None
        return [[self._source.made_of_dataset(name) for name in named], [level.with_opportunities for level in levels]]


def _rates(one: Opportunity) -> Iterator[Rate]:
    for route in one.routes.values():
        rate = route.own_rate
        while rate is not None:
            yield rate
            rate = rate.less


def _window(window: HeldWindow) -> list[Any]:
    return [window.needed, [[str(period.start), str(period.end)] for period in window.periods]]


def _texts(level: Level, group: SameAttributeGroup, period: Period | None) -> Iterator[tuple[str, str]]:
    """Code and text of each member of a group by attribute in a period."""
    ref = dict(level.facts.first_of(group.attributes))[period] if period else None
    if ref is not None and period is not None:
        texts = level.facts.at(ref, period)["text"].dropna()
        yield from zip(texts.index.astype(str).tolist(), texts.astype(str).tolist(), strict=True)
