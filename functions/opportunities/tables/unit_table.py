"""The table UNITS: what each unit below a trust, such as a site, contributes to the trust's figure."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.opportunities.arrays import Floats, above
from functions.opportunities.measure.measures import TrustMeasures
from functions.opportunities.measure.metrics import Ratio
from functions.opportunities.measure.plan import Case
from functions.opportunities.measure.units import STATUSES, Parts, by_organisation
from functions.opportunities.tables.grid import Grid
from shared.facts.facts import Facts
from shared.method.contracts import Dataset
from shared.statuses import UnitStatus
from shared.tables import UNITS

_SUMS = ["numerator", "denominator"]
_COUNTED, _MISSING = (STATUSES.index(status) for status in (UnitStatus.COUNTED, UnitStatus.MISSING))
ORDER: list[tuple[str, Literal["ascending", "descending"]]] = [
    (name, "ascending") for name in ("trust_code", "opportunity_id", "unit_code")
]


def units_table(
    cases: Sequence[Case],
    figures: Grid,
    measures: TrustMeasures,
    facts: Facts,
    members: Mapping[str, str | None] | None = None,
) -> pa.Table:
    """Every unit of every trust in `figures`, for each case whose rows are about units: schema UNITS, by trust,
    opportunity and unit.

    `figures`: the trusts and the cases, with their benchmarks and prices. `members`: the name of each unit's code, if
    the units are the members of a further level. A unit counts in a window if it counts in one of its periods; its
    sums run over those. If the trust has no figure, a unit that lacks a part in any period is missing.
    """
    parts = [UNITS.empty_table()]
    place = {code: nth for nth, code in enumerate(figures.by_trust["trust_code"])}
    for column, case in enumerate(cases):
        has_value = ~np.isnan(figures.cells["value"][:, column].astype(np.float64))
        found = _of_case(case, measures, {code for code, nth in place.items() if has_value[nth]})
        if found is None:
            continue
        dataset, units = found
        units = units[units["trust_code"].isin(place)]
        trust = units["trust_code"].map(place).to_numpy(dtype=np.int64)
        contract = None if members is not None else facts.datasets[dataset]
        attributes = _attributes(units, facts, contract, members or {})
        parts.append(_table(case, units, figures, trust, column, attributes))
    return pa.concat_tables(parts).sort_by(ORDER).combine_chunks()


def _of_case(case: Case, measures: TrustMeasures, with_value: set[str]) -> tuple[str, pd.DataFrame] | None:
    """The dataset and the units of a case's window; None unless every period of it is made of units.

    Only the periods that are part of the trust's figure count. Of a trust that is not `with_value`, all of them do.
    """
    ratio = Ratio.of(case.metric)
    parts = []
    dataset = ""
    for nth, period in enumerate(case.window.periods):
        source = measures.held.source(ratio.sources, period)
        units = measures.units(source, ratio.minimum_coverage) if source else None
        if source is None or units is None:
            return None
        dataset = source.datasets[0]
        sums = units.sums(source, period, zero_is_missing=ratio.zero_is_missing)
        whole = by_organisation(units, sums, ratio.minimum_coverage).numerator
        frame = _frame(units, sums.unit, sums.numerator, sums.denominator, sums.status, nth)
        parts.append(frame.assign(used=frame["trust_code"].map(whole).notna()))
    if not parts:
        return None
    rows = pd.concat(parts, ignore_index=True)
    rows["valued"] = rows["trust_code"].isin(with_value)
    rows = rows[rows["used"] | ~rows["valued"]]
    key = ["trust_code", "unit_code"]
    rows["counted"] = rows["status"] == _COUNTED
    rows["missing"] = ~rows["valued"] & (rows["status"] == _MISSING)
    counted = rows.groupby(key)["counted"].transform("any")
    rows[_SUMS] = rows[_SUMS].where(~counted | rows["counted"])
    by_unit = rows.groupby(key, sort=True)
    added = by_unit[_SUMS].sum(min_count=1)
    status = by_unit["status"].last().where(~by_unit["counted"].any(), _COUNTED)
    added["status"] = status.where(~by_unit["missing"].any(), _MISSING)
    return dataset, added.reset_index()


def _frame(units: Parts, at: Any, numerator: Floats, denominator: Floats, status: Any, nth: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "trust_code": [units.codes[place] for place in at],
            "unit_code": [units.units[place] for place in at],
            "numerator": numerator,
            "denominator": denominator,
            "status": status.astype(np.int64),
            "nth": nth,
        }
    )


def _table(
    case: Case, units: pd.DataFrame, figures: Grid, trust: Any, column: int, attributes: Mapping[str, list[str | None]]
) -> pa.Table:
    scale, lower_is_better = case.metric.scale, case.metric.lower_is_better
    numerator, denominator = (units[name].to_numpy(dtype=np.float64) for name in _SUMS)
    value = np.divide(scale * numerator, denominator, out=np.full(len(units), np.nan), where=denominator > 0)

    def cell(name: str) -> Floats:
        one: Floats = figures.cells[name][trust, column].astype(np.float64)
        return one

    gains: dict[str, Floats] = {}
    for end in ("lower", "upper"):
        benchmark = cell(f"benchmark_{end}")
        first, second = (value, benchmark) if lower_is_better else (benchmark, value)
        units_gained = np.where(above(first, second), first - second, 0.0) * denominator / scale
        gains[f"units_{end}"] = np.where(np.isnan(value) | np.isnan(benchmark), np.nan, units_gained)
        gains[f"cash_{end}"] = gains[f"units_{end}"] * cell("cash_per_unit")
    period = case.window.period
    assert period is not None  # a window with units has periods
    n = len(units)
    columns: dict[str, Any] = {
        "trust_code": units["trust_code"].tolist(),
        "unit_code": units["unit_code"].tolist(),
        **attributes,
        "opportunity_id": [case.name] * n,
        "metric_id": [case.opportunity.metric] * n,
        "period_start": [period.start] * n,
        "period_end": [period.end] * n,
        "status": [str(STATUSES[place]) for place in units["status"]],
        "numerator": numerator,
        "denominator": denominator,
        "value": value,
        **gains,
    }
    arrays = [pa.array(columns[field.name], field.type, from_pandas=True) for field in UNITS]
    return pa.Table.from_arrays(arrays, schema=UNITS)


def _attributes(
    units: pd.DataFrame, facts: Facts, contract: Dataset | None, members: Mapping[str, str | None]
) -> dict[str, list[str | None]]:
    if contract is None or contract.unit is None:
        return {"unit_name": [members.get(code) for code in units["unit_code"]], "unit_type": [None] * len(units)}
    named = (("unit_name", contract.unit.name), ("unit_type", contract.unit.type))
    return {name: _texts(units, facts, contract, measure) for name, measure in named}


def _texts(units: pd.DataFrame, facts: Facts, contract: Dataset, measure: str | None) -> list[str | None]:
    """The newest text of an attribute of each unit."""
    if measure is None:
        return [None] * len(units)
    table = facts.tables[contract.id]
    rows = table[(table["measure"] == measure) & table["text"].notna()].sort_values("period_end", kind="stable")
    texts = rows.drop_duplicates(["code", "unit"], keep="last").set_index(["code", "unit"])["text"].to_dict()
    return [texts.get(pair) for pair in zip(units["trust_code"], units["unit_code"], strict=True)]
