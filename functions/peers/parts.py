"""Computed groups in the data bucket, and draws of large groups that are counted in parts, by several processes."""

from collections.abc import Iterator
from itertools import batched

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from functions.peers.characteristics import nearest_facts
from functions.peers.compute import levels_of
from functions.peers.datasets.known import KnownFacts
from functions.peers.draws import Draws, array_bytes, array_of
from functions.peers.groups import Begun, NearestInputs, nearest_inputs, with_stability
from shared import keys
from shared.aws.store import Store
from shared.method.method import Method
from shared.tables import from_bytes

FEWEST_DRAWS = 50
"""Each part compares all organisations with all once, which at 25,000 takes as long as some twenty draws."""


class DrawsPart(BaseModel):
    """Some draws of a group, from `start` to before `stop`: the key of what they are counted from, and that under which
    the counts are kept."""

    model_config = ConfigDict(frozen=True)

    inputs: str
    counts: str
    start: int
    stop: int


class StoredGroups:
    """Computed groups in the data bucket: most new files change none of them. The draws of a group with more than
    `most` values (organisations × draws) may have been counted in parts; None: of no group. `keep`: whether new ones
    are kept."""

    def __init__(self, data: Store, most: int | None = None, *, keep: bool = True) -> None:
        self._data, self._most, self._keep = data, most, keep

    def find(self, key: str) -> pa.Table | None:
        """See `KeptGroups`."""
        stored = self._data.find(keys.group(key))
        return None if stored is None else from_bytes(stored.body)

    def counted(self, inputs: NearestInputs) -> pa.Table | None:
        """See `KeptGroups`."""
        if self._most is None or inputs.cells <= self._most:
            return None
        counts = self._data.find_all([part.counts for part in _parts(inputs, self._most)])
        table = self._data.find(keys.begun_group(inputs.key))
        if table is None or not all(counts):
            return None
        together = sum(array_of(part.body) for part in counts if part)
        return with_stability(from_bytes(table.body), together / inputs.group.stability.draws)

    def keep(self, key: str, table: pa.Table) -> None:
        """See `KeptGroups`."""
        if self._keep:
            self._data.write_table(keys.group(key), table)


def planned(data: Store, facts: KnownFacts, method: Method, most: int) -> list[DrawsPart]:
    """The parts of draws that are to be counted before `compute`, which then counts none of large groups, those with
    more than `most` values: of groups that are not kept, without the parts that are. What they are counted from is
    stored.
    """
    missing = []
    for of, who in levels_of(facts, method):
        for inputs in nearest_inputs(nearest_facts(of, method, who)):
            if inputs.cells <= most or data.etag(keys.group(inputs.key)):
                continue
            if not data.etag(keys.draws(inputs.key)):
                begun = Begun.of(inputs)
                data.write_table(keys.begun_group(inputs.key), begun.table)
                data.put(keys.draws(inputs.key), begun.draws.to_bytes())  # last: the table exists if they do
            missing += [part for part in _parts(inputs, most) if not data.etag(part.counts)]
    return missing


def compute_part(data: Store, part: DrawsPart) -> None:
    """Count the draws of a part, unless their counts are kept already. Missing without what they are counted from."""
    if not data.etag(part.counts):
        draws = Draws.from_bytes(data.get(part.inputs).body)
        data.put(part.counts, array_bytes(draws.stayed(range(part.start, part.stop))))


def _parts(inputs: NearestInputs, most: int) -> Iterator[DrawsPart]:
    of_part = max(FEWEST_DRAWS, most // 2 // len(inputs.newest.codes))
    for some in batched(range(inputs.group.stability.draws), of_part, strict=False):
        start, stop = some[0], some[-1] + 1
        counts = keys.draws_part(inputs.key, start, stop)
        yield DrawsPart(inputs=keys.draws(inputs.key), counts=counts, start=start, stop=stop)
