"""Computes shards, a block at a time: memory is that of the largest block, not of the history."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from functions.opportunities.figures.figures import Figures, ShardTables
from functions.opportunities.figures.scope import FactSource, Scope
from functions.opportunities.measure.measures import LandedMeasures
from functions.opportunities.measure.plan import Shard
from shared.method.terms import Period

CELLS = 1_000_000
"""Figures that are read for one block of shards, if it has more than one."""

COLUMNS = 1_200
"""Shards in one block."""


def compute(source: FactSource, scope: Scope, shards: Iterable[Shard]) -> Iterator[tuple[Shard, ShardTables]]:
    """The tables of some shards, which are in the plan's order; a metric's follow each other."""
    for block in blocks(scope, shards):
        yield from _of_block(source, scope, block)


def _of_block(source: FactSource, scope: Scope, block: Sequence[Shard]) -> Iterator[tuple[Shard, ShardTables]]:
    """One block, in a frame of its own: its facts and figures are gone before those of the next are made."""
    pairs = set().union(*(scope.plan.reads(shard, scope.held) for shard in block))
    facts = source.facts(pairs)
    landed = LandedMeasures(facts, {name for name, _ in pairs})
    columns = scope.plan.columns(block)
    by_level = [
        Figures(scope.method, level, columns, measures).tables()
        for level, measures in zip(scope.levels, scope.measures(landed), strict=True)
    ]
    for shard, *tables in zip(block, *by_level, strict=True):
        yield shard, ShardTables.of_levels(tables)


def blocks(scope: Scope, shards: Iterable[Shard]) -> Iterator[list[Shard]]:
    """Shards of the same datasets together, so that few files are read for more than one block. A metric's stay in
    their order, one after the other."""
    datasets = {
        name: sorted({measure.partition(".")[0] for measure in metric.measures()})
        for name, metric in scope.method.metrics.items()
    }
    organisations = max((len(level.codes) for level in scope.levels), default=0)
    for _, together in groupby(
        sorted(shards, key=lambda shard: datasets[shard.metric]), key=lambda shard: datasets[shard.metric]
    ):
        block: list[Shard] = []
        read: set[tuple[str, Period]] = set()
        for shard in together:
            pairs = scope.plan.reads(shard, scope.held)
            if block and (len(block) == COLUMNS or organisations * len(read | pairs) > CELLS):
                yield block
                block, read = [], set()
            block.append(shard)
            read |= pairs
        yield block
