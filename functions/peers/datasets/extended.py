"""What there is to know of a dataset, made of what was known before its newest label. Pure."""

from collections.abc import Collection, Mapping

import pandas as pd
import pyarrow as pa

from functions.peers.datasets.known import Known, in_order, to_tables
from functions.peers.datasets.make import known
from shared.facts.apply_findings import DRIFT, period_names
from shared.facts.row_arrays import encoded
from shared.method.contracts import Dataset


def extensible(contract: Dataset) -> bool:
    """Whether a new label of a dataset can leave all that is known of earlier labels as it is."""
    return contract.period.apart and contract.unit is None


def extended(
    earlier: Mapping[str, pa.Table], newest_two: pd.DataFrame, contract: Dataset, wanted: Collection[str] | None
) -> dict[str, pa.Table] | None:
    """What is known of a dataset, as `to_tables` gives it. `earlier`: that of all its labels but the newest;
    `newest_two`: the long table (see `known`) of the newest label and of the label before it.

    None if these do not tell: a figure of the newest label may have to be compared with one of an older label.
    """
    before, newest = sorted(encoded(newest_two["period"]).values)
    older, own = (newest_two[newest_two["period"] == label] for label in (before, newest))
    drifted = {row["period"] for row in earlier["findings"].to_pylist() if row["rule"] == DRIFT}
    if not drifted.isdisjoint(_names(older)) or not _has_all_of(older, own):
        return None
    both, periods = known(newest_two, contract, wanted), period_names(own)
    new = to_tables(
        Known(
            both.held[both.held["period"] == newest],
            [one for one in both.findings if one["period"] in {newest, *periods.values()}],
            both.rows[both.rows["period"] == newest],
            {measure: days & periods.keys() for measure, days in both.zero.items()},
        )
    )
    if new["measures"] != earlier["measures"]:
        return None
    return {
        name: table if name == "measures" else in_order(name, pa.concat_tables([earlier[name], table]))
        for name, table in new.items()
    }


def _names(rows: pd.DataFrame) -> set[str]:
    """What findings call a label, of which these are the rows, and its periods."""
    return {*map(str, rows["period"].unique()), *period_names(rows).values()}


def _has_all_of(older: pd.DataFrame, newer: pd.DataFrame) -> bool:
    """Whether a label has all measures of a newer one, and any figure that can repeat."""
    figures = older.loc[(older["state"] == "value") & older["value"].notna(), "value"]
    return {*newer["measure"].unique()} <= {*older["measure"].unique()} and bool((figures != 0).any())
