"""A snapshot's facts in the data bucket, read a part at a time, with the findings across files applied."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.opportunities.estimate.scope import Pairs, measures_of
from functions.opportunities.measure.survey import DatasetSurvey
from functions.opportunities.measure.surveying import merged, surveyed
from functions.opportunities.tables.trust_table import NAME
from shared import keys, tables
from shared.aws.store import Store
from shared.compute import pc
from shared.facts.apply_findings import apply_findings
from shared.facts.facts import Facts
from shared.facts.levels import compared
from shared.ids import FileId
from shared.landing.parts import SlotFile
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.method.peer_groups import SameAttributeGroup
from shared.method.prices import PRICES
from shared.method.terms import Period, Ref

ROWS = 1_000_000
"""Rows of files that are surveyed together, if they are several files."""

_COLUMNS = [name for name in tables.CURATED.names if name != "row"]
_NO_TIME = {"month", "quarter", "financial_year", "year"}


class About(NamedTuple):
    """What a release says of a file that it was made from: the SHA-256 of its bytes as landed, and its rows."""

    sha256: str
    rows: int


class StoredFacts:
    """See `FactSource`. `about`: of each file. Every file is read once for the surveys and the texts, and once more for
    each block of metrics that needs it."""

    def __init__(self, data: Store, snapshot: Snapshot, method: Method, findings: pa.Table) -> None:
        self._data, self._method, self._findings = data, method, findings
        self._files: dict[str, dict[str, list[SlotFile]]] = {}
        for file in snapshot.files:
            self._files.setdefault(file.dataset, {}).setdefault(file.period, []).append(file)
        self.about: dict[FileId, About] = {}
        self._labels: dict[str, dict[Period, list[str]]] = {}
        prices = self._files.pop(PRICES, {})  # they are not about organisations, and are no facts
        for file, table in self._read(prices):
            self._note(file, table)
        needed, named = _by_dataset(measures_of(method)), texts_of(method)
        surveys: dict[str, DatasetSurvey] = {}
        texts: dict[str, pd.DataFrame] = {}
        for dataset in self._files:
            surveys[dataset], texts[dataset] = self._survey(dataset, needed.get(dataset, set()), named)
        self.surveys: Mapping[str, DatasetSurvey] = surveys
        self.texts = Facts(texts, method.datasets)

    def facts(self, pairs: Pairs) -> Facts:
        """Every row of some measures and periods."""
        wanted: dict[str, tuple[set[str], set[Period]]] = {}
        for name, period in pairs:
            ref = Ref.parse(name)
            measures, periods = wanted.setdefault(ref.dataset, (set(), set()))
            measures.add(ref.measure)
            periods.add(period)
        frames = {}
        for dataset, (measures, periods) in wanted.items():
            labels = {label for period in periods for label in self._labels.get(dataset, {}).get(period, ())}
            read = self._read({label: self._files[dataset][label] for label in labels})
            parts = [_only(table, measures, periods) for _, table in read]
            if parts:
                frames[dataset] = self._applied(dataset, parts)
        return Facts(frames, self._method.datasets)

    def _survey(self, dataset: str, needed: set[str], named: Mapping[str, set[str] | None]) -> tuple[Any, pd.DataFrame]:
        """The survey of a dataset, and its texts."""
        contract = self._method.datasets[dataset]
        texts = named.get(dataset, {NAME})
        every = texts is None or any(one.absent == "zero" for one in contract.measures.values())
        alone = contract.period.kind in _NO_TIME and not contract.period.free  # then no two labels share a period
        surveys, frames = [], []
        for parts in self._in_chunks(dataset, None if every else needed | (texts or set()), alone=alone):
            frame = self._applied(dataset, parts)
            surveys.append(surveyed(Facts({dataset: frame}, self._method.datasets), dataset, needed))
            frames.append(frame if texts is None else frame[frame["measure"].isin(texts)])
        return merged(surveys), pd.concat(frames, ignore_index=True)

    def _in_chunks(self, dataset: str, measures: set[str] | None, *, alone: bool) -> Iterator[list[pa.Table]]:
        """Whole labels of a dataset together, up to ROWS rows if no label has a period of another."""
        chunk: list[pa.Table] = []
        for _, group in groupby(self._read(self._files[dataset]), key=lambda one: one[0].period):
            of_label = []
            for file, table in group:
                self._note(file, table)
                of_label.append(_only(table, measures, None))
            if chunk and alone and sum(table.num_rows for table in [*chunk, *of_label]) > ROWS:
                yield chunk
                chunk = []
            chunk += of_label
        yield chunk

    def _note(self, file: SlotFile, table: pa.Table) -> None:
        metadata = table.schema.metadata or {}
        self.about[file.file_id] = About(metadata[b"sha256"].decode(), int(metadata[b"rows"]))
        labels = self._labels.setdefault(file.dataset, {})
        for period in _periods(table):
            of_period = labels.setdefault(period, [])
            if file.period not in of_period:
                of_period.append(file.period)

    def _read(self, by_label: Mapping[str, Sequence[SlotFile]]) -> Iterator[tuple[SlotFile, pa.Table]]:
        """The files of some labels, in slot order, with the label as a column `period`."""
        files = [file for _, of_label in sorted(by_label.items()) for file in of_label]
        for start in range(0, len(files), _AT_ONCE):
            some = files[start : start + _AT_ONCE]
            bodies = self._data.get_all([keys.curated(file.file_id) for file in some])
            for file, stored in zip(some, bodies, strict=True):
                table = tables.from_bytes(stored.body, _COLUMNS)
                yield file, table.append_column("period", _repeated(file.period, table.num_rows))

    def _applied(self, dataset: str, parts: Sequence[pa.Table]) -> pd.DataFrame:
        """Rows with the findings applied, and only those that are wanted."""
        own = self._findings.filter(pc.field("dataset") == dataset)
        frame = pa.concat_tables(parts).to_pandas()
        applied = apply_findings(Facts({dataset: frame}), own).tables[dataset]
        return applied[applied["wanted"]].drop(columns="wanted")


_AT_ONCE = 32
"""How many files are in memory as bytes."""


def texts_of(method: Method) -> Mapping[str, set[str] | None]:
    """Dataset → the texts that organisations are known, named and grouped by; None for all of its measures."""
    rule = method.programme.population
    wanted: dict[str, set[str] | None] = {}
    for name, contract in method.datasets.items():
        of_unit = (contract.unit.name, contract.unit.type) if contract.unit else ()
        wanted[name] = {NAME, *(measure for measure in of_unit if measure)}
    named = [*rule.trust_type]
    for group in method.peer_groups.values():
        named += group.attributes if isinstance(group, SameAttributeGroup) else ()
    by_dataset = _by_dataset(named)
    if rule.levels:
        for dataset, measures in compared(method):
            by_dataset.setdefault(dataset, set()).update(measures)
    for dataset, measures in by_dataset.items():
        wanted[dataset] = (wanted.get(dataset) or set()) | measures
    for whole in (rule.trust_register, rule.successors):
        if whole is not None:
            wanted[whole.dataset] = None
    return wanted if method.metrics else dict.fromkeys(wanted)


def _by_dataset(names: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in names:
        ref = Ref.parse(name)
        found.setdefault(ref.dataset, set()).add(ref.measure)
    return found


def _only(table: pa.Table, measures: set[str] | None, periods: set[Period] | None) -> pa.Table:
    """The rows of some measures and periods, which are `wanted`, and one for each period: findings name a period by
    whether its file has others."""
    wanted = np.ones(table.num_rows, dtype=bool)
    if measures is not None:
        days = _days(table)
        wanted = pc.is_in(table["measure"], pa.array(sorted(measures), pa.string())).to_numpy()
        if periods is not None:
            wanted = wanted & np.isin(days, [_day(period) for period in periods])
        kept = wanted.copy()
        kept[np.unique(days, return_index=True)[1]] = True
        table, wanted = table.filter(pa.array(kept)), wanted[kept]
    return table.append_column("wanted", pa.array(wanted))


def _days(table: pa.Table) -> Any:
    """Each row's period as one number; 0 for none."""
    ordinals = []
    for name in ("period_end", "period_start"):
        days = table[name].cast(pa.int32())
        ordinals.append(np.where(days.is_null(), 0, days.fill_null(0).to_numpy().astype(np.int64) + _EPOCH))
    end, start = ordinals
    return np.where((end == 0) | (start == 0), 0, end * _SPAN + start)


_SPAN = 1 << 24
_EPOCH = date(1970, 1, 1).toordinal()


def _day(period: Period) -> int:
    return period.end.toordinal() * _SPAN + period.start.toordinal()


def _periods(table: pa.Table) -> Iterator[Period]:
    days = _days(table)
    for place in np.unique(days, return_index=True)[1].tolist():
        end, start = table["period_end"][place].as_py(), table["period_start"][place].as_py()
        if end is not None and start is not None:
            yield Period(end, start)


def _repeated(text: str, rows: int) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array([text])).cast(pa.string())
