"""A snapshot's facts in the data bucket, read a part at a time, with the findings across files applied."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from functions.opportunities.figures.scope import Pairs, measures_of
from functions.opportunities.kept.surveys import About, Surveyed, from_tables, to_tables
from functions.opportunities.measure.survey import DatasetSurvey
from functions.opportunities.measure.surveying import merged, surveyed
from functions.opportunities.tables.trust_table import NAME
from shared import keys, tables
from shared.aws import bundle
from shared.aws.store import Store
from shared.compute import pc
from shared.content import content_id
from shared.facts.apply_findings import ACROSS_FILES, apply_findings
from shared.facts.facts import Facts
from shared.facts.levels import compared
from shared.ids import FileId
from shared.landing.parts import SlotFile
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.method.peer_groups import SameAttributeGroup
from shared.method.prices import PRICES
from shared.method.terms import Period, Ref
from shared.tables import FINDINGS

ROWS = 1_000_000
"""Rows of files that are surveyed together, if they are several files."""

SURVEY_BUILD = 2
"""Raise it when the same files could be surveyed differently than before. A test compares the code with a digest."""

_COLUMNS = [name for name in tables.CURATED.names if name != "row"]
_NUMBERED = ["code", "unit", "measure", "state"]
"""Texts that repeat: as numbers until the rows are chosen, they take a tenth of the memory."""


class StoredFacts:
    """See `FactSource`. `about`: of each file. What a dataset's files have is surveyed once and kept; figures are read
    from the files for each block of metrics that needs them. `keep`: whether new surveys are kept."""

    def __init__(
        self, data: Store, snapshot: Snapshot, method: Method, findings: pa.Table, *, keep: bool = True
    ) -> None:
        self._data, self._method, self._findings, self._keep = data, method, across_files(findings), keep
        self._files: dict[str, dict[str, list[SlotFile]]] = {}
        for file in snapshot.files:
            self._files.setdefault(file.dataset, {}).setdefault(file.period, []).append(file)
        prices = self._files.pop(PRICES, {})  # they are not about organisations, and are no facts
        self.about = {file.file_id: _about(table) for file, table in self._read(prices)}
        needed, named = _by_dataset(measures_of(method)), texts_of(method)
        self._surveyed = {
            dataset: self._kept(_Asked(dataset, needed.get(dataset, set()), named.get(dataset, {NAME})))
            for dataset in self._files
        }
        for one in self._surveyed.values():
            self.about |= one.about
        self.surveys: Mapping[str, DatasetSurvey] = {name: one.survey for name, one in self._surveyed.items()}
        self.texts = Facts({name: one.texts for name, one in self._surveyed.items()}, method.datasets)

    def facts(self, pairs: Pairs) -> Facts:
        """Every row of some measures and periods."""
        frames = {}
        for dataset, (measures, periods) in self._wanted(pairs).items():
            labels = {label for period in periods for label in self._labels(dataset, period)}
            read = self._read({label: self._files[dataset][label] for label in labels})
            parts = [_only(file, table, measures, periods) for file, table in read]
            if parts:
                frames[dataset] = self._applied(dataset, parts)
        return Facts(frames, self._method.datasets)

    def made_of(self, pairs: Pairs) -> Any:
        """The files of some measures and periods, by dataset and label, and the findings about them."""
        made = []
        for dataset, (measures, periods) in sorted(self._wanted(pairs).items()):
            labels = {label for period in periods for label in self._labels(dataset, period)}
            names = {*labels, *(f"{period.start}/{period.end}" for period in periods)}
            found = [
                finding
                for finding in self._findings.get(dataset, ())
                if finding[0] in names and (finding[1] is None or finding[1] in measures)
            ]
            made.append([dataset, [[label, self._ids(dataset, label)] for label in sorted(labels)], found])
        return made

    def made_of_dataset(self, dataset: str) -> Any:
        """All files of a dataset."""
        return [[label, self._ids(dataset, label)] for label in sorted(self._files.get(dataset, {}))]

    def _ids(self, dataset: str, label: str) -> list[FileId]:
        return [file.file_id for file in self._files[dataset][label]]

    def _labels(self, dataset: str, period: Period) -> Sequence[str]:
        return self._surveyed[dataset].labels.get(period, ()) if dataset in self._surveyed else ()

    def _wanted(self, pairs: Pairs) -> dict[str, tuple[set[str], set[Period]]]:
        wanted: dict[str, tuple[set[str], set[Period]]] = {}
        for name, period in pairs:
            ref = Ref.parse(name)
            measures, periods = wanted.setdefault(ref.dataset, (set(), set()))
            measures.add(ref.measure)
            periods.add(period)
        return wanted

    def _kept(self, asked: "_Asked") -> Surveyed:
        """The survey of a dataset, made unless it was made before."""
        files, found = self._files[asked.dataset], self._findings.get(asked.dataset, [])
        place = self._place(asked, files, found)
        stored = self._data.find(place)
        if stored is not None:
            return from_tables(bundle.from_bytes(stored.body))
        *before, newest = sorted(files)
        earlier = self._before(asked, before, newest) if before else None
        made = self._survey(asked, [newest] if earlier else files, earlier)
        if self._keep:
            self._data.put(place, bundle.to_bytes(to_tables(made)))
        return made

    def _before(self, asked: "_Asked", labels: Sequence[str], newest: str) -> Surveyed | None:
        """The survey of a dataset before its newest label, if it was made and that label changes nothing in it."""
        rule = self._method.datasets[asked.dataset].period
        days = rule.of(newest) if rule.apart else None
        if days is None:
            return None
        found = [one for one in self._findings.get(asked.dataset, []) if not _is_about(one, newest, days)]
        stored = self._data.find(self._place(asked, labels, found))
        return None if stored is None else from_tables(bundle.from_bytes(stored.body))

    def _place(self, asked: "_Asked", labels: Iterable[str], found: Sequence["_Finding"]) -> str:
        """The key of a survey of some labels, by the content of all that it is made from."""
        dataset, needed, texts = asked
        contract = self._method.datasets[dataset].model_dump_json()
        made_of = [[label, self._ids(dataset, label)] for label in sorted(labels)]
        listed = texts if texts is None else sorted(texts)
        return keys.survey(content_id([SURVEY_BUILD, dataset, contract, made_of, found, sorted(needed), listed]))

    def _survey(self, asked: "_Asked", of: Iterable[str], earlier: Surveyed | None) -> Surveyed:
        """The survey of some labels, and of those that were surveyed earlier."""
        dataset, needed, texts = asked
        contract = self._method.datasets[dataset]
        every = texts is None or any(one.absent == "zero" for one in contract.measures.values())
        labels = {period: [*names] for period, names in earlier.labels.items()} if earlier else {}
        about = {**earlier.about} if earlier else {}
        surveys, frames = ([earlier.survey], [earlier.texts]) if earlier else ([], [])
        wanted = None if every else needed | (texts or set())
        by_label = {label: self._files[dataset][label] for label in of}
        for files in self._in_chunks(by_label, wanted, labels, about, alone=contract.period.apart):
            frame = self._applied(dataset, files)
            surveys.append(surveyed(Facts({dataset: frame}, self._method.datasets), dataset, needed))
            frames.append(frame if texts is None else _texts(frame, texts))
        rows = pd.concat(frames, ignore_index=True)
        rows = rows if texts is None else _texts(rows, texts).reset_index(drop=True)  # names may be in several frames
        return Surveyed(merged(surveys), rows, dict(sorted(labels.items())), about)

    def _in_chunks(
        self,
        by_label: Mapping[str, Sequence[SlotFile]],
        measures: set[str] | None,
        labels: dict[Period, list[str]],
        about: dict[FileId, About],
        *,
        alone: bool,
    ) -> Iterator[list[pa.Table]]:
        """Whole labels together, up to ROWS rows if no label has a period of another. Notes each file in `labels` and
        `about`."""
        chunk: list[pa.Table] = []
        for label, group in groupby(self._read(by_label), key=lambda one: one[0].period):
            of_label = []
            for file, table in group:
                about[file.file_id] = _about(table)
                for period in _periods(table):
                    if label not in labels.setdefault(period, []):
                        labels[period].append(label)
                of_label.append(_only(file, table, measures, None))
            if chunk and alone and sum(table.num_rows for table in [*chunk, *of_label]) > ROWS:
                yield chunk
                chunk = []
            chunk += of_label
        yield chunk

    def _read(self, by_label: Mapping[str, Sequence[SlotFile]]) -> Iterator[tuple[SlotFile, pa.Table]]:
        """The files of some labels, in slot order."""
        files = [file for _, of_label in sorted(by_label.items()) for file in of_label]
        for start in range(0, len(files), _AT_ONCE):
            some = files[start : start + _AT_ONCE]
            bodies = self._data.get_all([keys.curated(file.file_id) for file in some])
            for file, stored in zip(some, bodies, strict=True):
                yield file, tables.from_bytes(stored.body, _COLUMNS, _NUMBERED)

    def _applied(self, dataset: str, parts: Sequence[pa.Table]) -> pd.DataFrame:
        """Rows with the findings applied, and only those that are wanted."""
        frame = pa.concat_tables(parts).to_pandas()
        own = pa.Table.from_pylist([_finding(dataset, one) for one in self._findings.get(dataset, ())], FINDINGS)
        applied = apply_findings(Facts({dataset: frame}), own).tables[dataset]
        return applied[applied["wanted"]].drop(columns="wanted")


class _Asked(NamedTuple):
    """What is surveyed of a dataset: the measures that figures are computed from, and the texts (see `texts_of`)."""

    dataset: str
    needed: set[str]
    texts: set[str] | None


_AT_ONCE = 32
"""How many files are in memory as bytes."""

type _Finding = tuple[str, str | None, str | None, str, str]
"""Period, measure, code, severity and rule of a finding across files."""


def across_files(findings: pa.Table) -> dict[str, list[_Finding]]:
    """Dataset → the findings by which values are removed or marked, each once."""
    by_dataset: dict[str, set[_Finding]] = {}
    for row in findings.filter(pc.field("rule").isin(ACROSS_FILES)).to_pylist():
        one = (row["period"], row["measure"], row["trust_code"], row["severity"], row["rule"])
        by_dataset.setdefault(row["dataset"], set()).add(one)
    return {name: sorted(found, key=str) for name, found in by_dataset.items()}


def _is_about(one: _Finding, label: str, days: Period) -> bool:
    """Whether a finding is about a label or, named by its days, about one of several periods in it."""
    start, of_several, _ = one[0].partition("/")
    return one[0] == label or (of_several != "" and str(days.start) <= start <= str(days.end))


def _finding(dataset: str, one: _Finding) -> dict[str, str | None]:
    period, measure, code, severity, rule = one
    about = {"dataset": dataset, "period": period, "measure": measure, "trust_code": code}
    return {**about, "severity": severity, "rule": rule}


def _texts(frame: pd.DataFrame, texts: set[str]) -> pd.DataFrame:
    """The rows of some texts. Of names, each organisation's newest period is enough, and most files repeat them."""
    rows = frame[frame["measure"].isin(texts)]
    named = rows[(rows["measure"] == NAME) & rows["text"].notna() & rows["period_end"].notna()]
    days = named[["code", "period_end", "period_start"]]
    newest = days.sort_values(["period_end", "period_start"]).drop_duplicates("code", keep="last")
    kept = days.reset_index().merge(newest)["index"]
    return rows[(rows["measure"] != NAME) | rows.index.isin(kept)]


def _about(table: pa.Table) -> About:
    metadata = table.schema.metadata or {}
    return About(metadata[b"sha256"].decode(), int(metadata[b"rows"]))


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


def _only(file: SlotFile, table: pa.Table, measures: set[str] | None, periods: set[Period] | None) -> pa.Table:
    """The rows of some measures and periods, which are `wanted`, and one for each period: findings name a period by
    whether its file has others. The column `period` is the file's label."""
    wanted = np.ones(table.num_rows, dtype=bool)
    if measures is not None:
        days = _days(table)
        wanted = pc.is_in(table["measure"], pa.array(sorted(measures), pa.string())).to_numpy()
        if periods is not None:
            wanted = wanted & np.isin(days, [_day(period) for period in periods])
        kept = wanted.copy()
        kept[np.unique(days, return_index=True)[1]] = True
        table, wanted = table.filter(pa.array(kept)), wanted[kept]
    plain = table.cast(_PLAIN).append_column("period", _repeated(file.period, table.num_rows))
    return plain.append_column("wanted", pa.array(wanted))


_PLAIN = pa.schema([tables.CURATED.field(name) for name in _COLUMNS])


def _days(table: pa.Table) -> Any:
    """Each row's period as one number; 0 for none."""
    ordinals = []
    for name in ("period_end", "period_start"):
        days = pc.cast(table[name], pa.int32())
        known = pc.coalesce(days, -_EPOCH).to_numpy().astype(np.int64)
        ordinals.append(known + _EPOCH)
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
    places: Any = pa.array(np.zeros(rows, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(places, pa.array([text])).cast(pa.string())
