"""Makes what peers knows of a dataset from its files. Pure."""

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from functions.peers.datasets.checks import findings_of_dataset
from functions.peers.datasets.known import ROWS, Known
from shared.facts.apply_findings import without_errors
from shared.facts.facts import Facts
from shared.facts.levels import compared
from shared.facts.roll_up import rolled_up
from shared.facts.row_arrays import encoded, encoded_days, plain
from shared.method.contracts import Dataset
from shared.method.peer_groups import LandedListGroup
from shared.method.terms import Period, Ref

if TYPE_CHECKING:
    from shared.method.method import Method

ROWS_AT_ONCE = 1_000_000
"""Rows about units that are added up at once."""

KNOWN_BUILD = 2
"""Raise it when the same files could give other findings or rows than before. A test compares the code with a
digest."""


def needed(method: "Method") -> Mapping[str, frozenset[str] | None]:
    """Dataset → the measures that groups and the population are made of; None for all of its measures."""
    wanted: dict[str, frozenset[str] | None] = {name: frozenset(measures) for name, measures in compared(method)}
    for group in method.peer_groups.values():
        if isinstance(group, LandedListGroup):
            ref = Ref.parse(group.measure)
            wanted[ref.dataset] = (wanted.get(ref.dataset) or frozenset()) | {ref.measure}
    return wanted | dict.fromkeys(method.programme.population.lists)


def known(table: pd.DataFrame, contract: Dataset, wanted: Collection[str] | None) -> Known:
    """What there is to know of a dataset. `table`: its long table, of which `warnings` are null but where a check of a
    file warns; texts and days may be categories. `wanted`: as in `needed`."""
    findings = [*findings_of_dataset(table, _in_numbers(table, contract), contract)]
    usable = without_errors(table, findings)
    every = usable["measure"].unique() if wanted is None else wanted
    zero = [name for name, one in contract.measures.items() if one.absent == "zero" and name in every]
    return Known(_held(table), findings, _rows(usable, contract, every), _zero(usable, zero, contract))


def _in_numbers(table: pd.DataFrame, contract: Dataset) -> Iterator[pd.DataFrame]:
    """The rows of measures that are numbers, by organisation, some measures at a time."""
    if contract.unit is None:
        yield table
        return
    measure = encoded(table["measure"])
    numbers = contract.numbers()
    counts = zip(measure.values, np.bincount(measure.place, minlength=len(measure.values)).tolist(), strict=True)
    block: list[str] = []
    rows = 0
    for name, count in counts:
        if name not in numbers:
            continue
        if block and rows + count > ROWS_AT_ONCE:
            yield _by_organisation(table, contract, block)
            block, rows = [], 0
        block.append(name)
        rows += count
    yield _by_organisation(table, contract, block)


def _by_organisation(table: pd.DataFrame, contract: Dataset, measures: Collection[str]) -> pd.DataFrame:
    """The rows of some measures by organisation."""
    if contract.unit is None:
        return table[table["measure"].isin(measures)]
    bases = {one.share_of for name, one in contract.measures.items() if name in measures and one.share_of is not None}
    rows = table[table["measure"].isin({*measures, *bases})]
    rolled = rolled_up(rows, contract)
    rolled = rolled[rolled["measure"].isin(measures)]
    return rolled.astype({name: table[name].dtype for name in ("code", "measure")})


def _rows(usable: pd.DataFrame, contract: Dataset, measures: Collection[str]) -> pd.DataFrame:
    bases = {one.share_of for one in contract.measures.values() if one.share_of is not None}
    rows = plain(usable[usable["measure"].isin({*measures, *bases})]).reindex(columns=ROWS.names)
    return _by_organisation(rows, contract, measures).reset_index(drop=True)


def _held(table: pd.DataFrame) -> pd.DataFrame:
    """See `Known.held`, in the order in which the rows come."""
    days, code = encoded_days(table), encoded(table["code"])
    place, pairs = pd.factorize(days.place * len(code.values) + code.place)
    stated = ~encoded(table["state"]).among({"missing"})
    number = encoded(table["state"]).among({"value"}) & table["value"].notna().to_numpy()
    of_days, of_code = np.divmod(pairs, max(1, len(code.values)))
    return pd.DataFrame(
        {
            "period": np.array([each.label for each in days.values], dtype=object)[of_days],
            "period_start": np.array([each.start for each in days.values], dtype=object)[of_days],
            "period_end": np.array([each.end for each in days.values], dtype=object)[of_days],
            "code": np.array(code.values, dtype=object)[of_code],
            "figures": np.bincount(place[stated], minlength=len(pairs)),
            "reports": np.bincount(place[number], minlength=len(pairs)) > 0,
        }
    )


def _zero(usable: pd.DataFrame, measures: list[str], contract: Dataset) -> Mapping[str, frozenset[Period]]:
    if not measures:
        return {}
    absent = Facts({contract.id: usable}, {contract.id: contract}).zero_where_absent
    return {measure: absent[Ref(contract.id, measure)] for measure in measures}
