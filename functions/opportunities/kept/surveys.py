"""A dataset's survey and texts as tables, kept in the data bucket so that files that have not changed are not read."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.opportunities.arrays import Whole
from functions.opportunities.measure.survey import DatasetSurvey, Entry
from shared.ids import FileId
from shared.method.terms import Period
from shared.tables import CURATED, DAY, FLAG, STRING, WHOLE, columns

TEXTS = pa.schema(
    [*(field for field in CURATED if field.name != "row"), pa.field("period", STRING), pa.field("warned", FLAG)]
)


class About(NamedTuple):
    """What a release says of a file that it was made from: the SHA-256 of its bytes as landed, and its rows."""

    sha256: str
    rows: int


class Surveyed(NamedTuple):
    """A dataset: its survey, the rows of its texts (columns TEXTS), the labels that have each period, and its files."""

    survey: DatasetSurvey
    texts: pd.DataFrame
    labels: Mapping[Period, Sequence[str]]
    about: Mapping[FileId, About]


def to_tables(one: Surveyed) -> dict[str, pa.Table]:
    """As tables, without repeating what most measures of a file share: who has a row."""
    numbers: dict[bytes, int] = {}
    sets: list[Whole] = []

    def number(places: Whole) -> int:
        body = places.tobytes()
        if body not in numbers:
            numbers[body] = len(sets)
            sets.append(places)
        return numbers[body]

    entries = [
        {
            "measure": measure, "period_start": period.start, "period_end": period.end, "rows": number(entry.rows),
            "figures": number(entry.figures), "of_units": entry.of_units,
        }
        for measure, periods in one.survey.entries.items()
        for period, entry in periods.items()
    ]  # fmt: skip
    days = [
        {"measure": measure, "period_start": period.start, "period_end": period.end}
        for measure, periods in one.survey.zero_where_absent.items()
        for period in sorted(periods)
    ]
    labels = [
        {"period_start": period.start, "period_end": period.end, "label": label}
        for period, of_period in one.labels.items()
        for label in of_period
    ]
    about = [{"file_id": file_id, **each._asdict()} for file_id, each in one.about.items()]
    ends: Any = pa.array(np.cumsum([0, *map(len, sets)]).astype(np.int32))
    places: Any = pa.array(np.concatenate([np.empty(0, dtype=np.int32), *sets]).astype(np.int32))
    return {
        "codes": pa.table({"code": pa.array(one.survey.codes, STRING)}),
        "sets": pa.table({"places": pa.ListArray.from_arrays(ends, places)}),
        "entries": pa.Table.from_pylist(entries, _schema(rows=WHOLE, figures=WHOLE, of_units=FLAG)),
        "measures": pa.table({"measure": pa.array([*one.survey.entries], STRING)}),
        "zero_where_absent": pa.Table.from_pylist(days, _schema()),
        "labels": pa.Table.from_pylist(labels, columns(period_start=DAY, period_end=DAY, label=STRING)),
        "about": pa.Table.from_pylist(about, columns(file_id=STRING, sha256=STRING, rows=pa.int64())),
        "texts": pa.Table.from_pandas(one.texts, TEXTS, preserve_index=False),
    }


def from_tables(bundle: Mapping[str, pa.Table]) -> Surveyed:
    """What `to_tables` wrote."""
    lists: Any = bundle["sets"]["places"].combine_chunks()
    ends, places = lists.offsets.to_numpy(), lists.values.to_numpy().astype(np.int64)
    sets = [places[start:end] for start, end in pairwise(ends.tolist())]
    measures: Any = bundle["measures"]["measure"].to_pylist()
    entries: dict[str, dict[Period, Entry]] = {name: {} for name in measures}
    listed = bundle["entries"].to_pandas()
    for measure, start, end, rows, figures, of_units in zip(*(listed[name].tolist() for name in listed), strict=True):
        entries[measure][Period(end, start)] = Entry(sets[rows], sets[figures], of_units)
    zero: dict[str, set[Period]] = {}
    for row in bundle["zero_where_absent"].to_pylist():
        zero.setdefault(row["measure"], set()).add(_period(row))
    labels: dict[Period, list[str]] = {}
    for row in bundle["labels"].to_pylist():
        labels.setdefault(_period(row), []).append(row["label"])
    files: list[dict[str, Any]] = bundle["about"].to_pylist()
    about = {FileId(row["file_id"]): About(row["sha256"], row["rows"]) for row in files}
    absent = {measure: frozenset(periods) for measure, periods in zero.items()}
    codes: Any = bundle["codes"]["code"].to_pylist()
    survey = DatasetSurvey(codes, entries, absent)
    return Surveyed(survey, bundle["texts"].to_pandas(), labels, about)


def _schema(**more: pa.DataType) -> pa.Schema:
    return columns(measure=STRING, period_start=DAY, period_end=DAY, **more)


def _period(row: Mapping[str, Any]) -> Period:
    return Period(row["period_end"], row["period_start"])
