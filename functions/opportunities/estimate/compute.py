"""Computes shards, a block of metrics at a time: memory is that of the largest block, not of the history."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from functions.opportunities.figures.figures import Figures, ShardTables
from functions.opportunities.figures.scope import FactSource, Scope, measures_of
from functions.opportunities.measure.measures import LandedMeasures
from functions.opportunities.measure.plan import Shard

CELLS = 2_000_000
"""Figures that are read for one block of metrics, if they are more than one."""

COLUMNS = 1_200
"""Windows in one block of metrics, if they are more than one."""


def compute(source: FactSource, scope: Scope, shards: Iterable[Shard]) -> Iterator[tuple[Shard, ShardTables]]:
    """The tables of some shards, which are in the plan's order; a metric's follow each other."""
    for block in blocks(scope, shards):
        pairs = set().union(*(scope.plan.reads(shard, scope.held) for shard in block))
        facts = source.facts(pairs)
        landed = LandedMeasures(
            facts, measures_of(scope.method) if facts is source.texts else {name for name, _ in pairs}
        )
        columns = scope.plan.columns(block)
        by_level = [
            Figures(scope.method, level, columns, measures).tables()
            for level, measures in zip(scope.levels, scope.measures(landed), strict=True)
        ]
        for shard, *tables in zip(block, *by_level, strict=True):
            yield shard, ShardTables.of_levels(tables)


def blocks(scope: Scope, shards: Iterable[Shard]) -> Iterator[list[Shard]]:
    """Whole metrics, those of the same datasets together, so that a file is read for as few blocks as possible."""
    by_metric = [(name, [*group]) for name, group in groupby(shards, key=lambda shard: shard.metric)]
    datasets = {
        name: sorted({measure.partition(".")[0] for measure in scope.method.metrics[name].measures()})
        for name, _ in by_metric
    }
    organisations = max((len(level.codes) for level in scope.levels), default=0)
    block: list[Shard] = []
    cells = 0
    before: list[str] = []
    for name, own in sorted(by_metric, key=lambda one: (datasets[one[0]], one[0])):
        read = organisations * len(set().union(*(scope.plan.reads(shard, scope.held) for shard in own)))
        full = len(block) + len(own) > COLUMNS or cells + read > CELLS or datasets[name] != before
        if block and full:
            yield block
            block, cells = [], 0
        block, cells, before = block + own, cells + read, datasets[name]
    if block:
        yield block
