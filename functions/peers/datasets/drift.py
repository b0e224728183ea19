"""Drift: measures, and figures of one organisation, that are many times larger or smaller than in the period before.

A wrong unit multiplies by a hundred or a thousand; nothing real does that to the total of a whole country.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shared.facts.apply_findings import DRIFT, FindingRow, period_names
from shared.facts.row_arrays import encoded, encoded_days
from shared.findings import IN_DETAIL, listed
from shared.method.contracts import Dataset
from shared.method.terms import Period

type Floats = NDArray[np.float64]


class _Series(NamedTuple):
    """A measure's figures: a row for each period, oldest first, a column for each code; NaN where there is none."""

    measure: str
    periods: Sequence[Period]
    codes: Sequence[str]
    values: Floats


def drifting(table: pd.DataFrame, contract: Dataset, names: Mapping[Period, str]) -> Iterator[FindingRow]:
    """The drift in a dataset's long table, as rows of the schema FINDINGS. `names`: those of its periods."""
    if contract.expects.drift is None and contract.expects.drift_of_one is None:
        return
    for series in _measures(table):
        yield from _of_measure(series, [names[period] for period in series.periods], contract)


def with_derived(findings: list[FindingRow], table: pd.DataFrame, contract: Dataset) -> Iterator[FindingRow]:
    """The findings, and each of them again for the measures that are derived from the one that it is about."""
    yield from findings
    told = {(row["measure"], row["period"], row.get("trust_code")) for row in findings}
    names = period_names(table) if contract.derived and findings else {}
    held: dict[str, set[str]] = {}
    if names:
        days, measures = encoded_days(table), encoded(table["measure"])
        for pair in np.unique(days.place * len(measures.values) + measures.place).tolist():
            of_days, measure = divmod(pair, len(measures.values))
            end, start = days.values[of_days][1:]
            if end and start:
                held.setdefault(names[Period(end, start)], set()).add(measures.values[measure])
    for row in findings:
        for name, rule in contract.derived.items():
            way = rule.way(held.get(row["period"], ()))
            if way and row["measure"] in way.measures and (name, row["period"], row.get("trust_code")) not in told:
                message = f"{contract.id}.{name} is computed from {row['measure']}. {row['message']}"
                yield row | {"measure": name, "message": message}


def _measures(table: pd.DataFrame) -> Iterator[_Series]:
    """Each measure that has figures. Of two rows about one code, period and measure, the later counts (see `Facts`)."""
    days, measure, code = encoded_days(table), encoded(table["measure"]), encoded(table["code"])
    figure = np.where(encoded(table["state"]).among({"value"}), table["value"].to_numpy(np.float64), np.nan)
    of_number = np.unique(measure.place[table["value"].notna().to_numpy()]).tolist()
    dated = sorted({Period(one.end, one.start) for one in days.values if one.end and one.start})
    at = {period: nth for nth, period in enumerate(dated)}
    period = np.array([at[Period(one.end, one.start)] if one.end and one.start else -1 for one in days.values])
    of_row = period[days.place] if len(period) else days.place
    for name, place in sorted((str(measure.values[place]), place) for place in of_number):
        rows = np.flatnonzero((measure.place == place) & (of_row >= 0))
        if not len(rows):
            continue
        own_periods, row = np.unique(of_row[rows], return_inverse=True)
        own_codes, column = np.unique(code.place[rows], return_inverse=True)
        values = np.full((len(own_periods), len(own_codes)), np.nan)
        values[row, column] = figure[rows]  # in order of rows: the later counts
        codes = [str(code.values[each]) for each in own_codes]
        order = sorted(range(len(codes)), key=codes.__getitem__)
        yield _Series(name, [dated[each] for each in own_periods], [codes[each] for each in order], values[:, order])


def _of_measure(series: _Series, labels: Sequence[str], contract: Dataset) -> Iterator[FindingRow]:
    unit = f" {of_measure}" if (of_measure := contract.numbers().get(series.measure)) else ""
    name = f"{contract.id}.{series.measure}"
    of_all, of_one = contract.expects.drift or math.inf, contract.expects.drift_of_one or math.inf
    earlier, before, last = labels[0], series.values[0], series.periods[0]
    for label, now, period in zip(labels[1:], series.values[1:], series.periods[1:], strict=True):
        both = ~np.isnan(before) & ~np.isnan(now)
        then, total = float(before[both].sum()), float(now[both].sum())
        about = {"rule": DRIFT, "dataset": contract.id, "period": label, "measure": series.measure}
        if _apart(then, total, of_all):
            yield about | {
                "severity": "error",
                "message": f"{name}: the total of the {both.sum()} codes that both periods have is "
                f"{_times(then, total)}: {_number(total)}{unit} in {label}, {_number(then)}{unit} in {earlier}. "
                f"Is the unit right? Its values of {label} are not used. Correct the file that is wrong and land it "
                f"again; if both are right, raise expects.drift of {contract.id}.",
            }
            continue  # the next period is compared with the last one that can be right
        near = (period.start - last.end).days <= 1 + period.days  # over a longer gap one organisation may well change
        slips: list[int] = np.flatnonzero(both & near & _apart(before, now, of_one)).tolist()
        if len(slips) > IN_DETAIL:
            yield about | {
                "severity": "warning",
                "message": f"{name}: the figures of {len(slips)} codes "
                f"({listed([series.codes[nth] for nth in slips])}) are at least {of_one:g} times larger or smaller in "
                f"{label} than in {earlier}. Is the unit right? They are used unchanged; if they are wrong, correct "
                "the file and land it again.",
            }
        for nth in slips if len(slips) <= IN_DETAIL else ():
            yield about | {
                "severity": "warning",
                "trust_code": series.codes[nth],
                "message": f"{name}: the figure of {series.codes[nth]} is {_times(before[nth], now[nth])}: "
                f"{_number(now[nth])}{unit} in {label}, {_number(before[nth])}{unit} in {earlier}. Is the unit right? "
                "It is used unchanged; if it is wrong, correct the file and land it again.",
            }
        earlier, before, last = label, now.copy(), period
        before[slips] = np.nan


def _apart(then: Any, now: Any, factor: float) -> Any:
    """Whether one is at least `factor` times the other. No unit turns a figure into zero, or zero into a figure."""
    small, large = np.minimum(abs(then), abs(now)), np.maximum(abs(then), abs(now))
    return (small > 0) & (large >= factor * small)


def _times(then: float, now: float) -> str:
    """How the figure of now compares with the figure of then, in words."""
    ratio = abs(now / then)
    times = f"{ratio:,.0f} times larger" if ratio > 1 else f"{1 / ratio:,.0f} times smaller"
    return f"{times} than in the period before"


def _number(figure: float) -> str:
    return f"{figure:,.0f}" if abs(figure) >= 1000 else f"{figure:.4g}"
