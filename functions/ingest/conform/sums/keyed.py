"""Keyed files: the rows of an organisation and period are added up by the keys of each measure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from functions.ingest.conform import limits
from functions.ingest.conform.header import FileColumn
from functions.ingest.conform.parse import (
    FAULTY,
    MISSING,
    NOT_APPLICABLE,
    SUPPRESSED,
    VALUE,
    Floats,
    States,
    Texts,
    Whole,
    column_of,
)
from functions.ingest.conform.source import Unreadable
from shared.compute import pc
from shared.findings import FindingDetail, Findings, listed, quoted
from shared.method.contracts import Dataset

type Places = NDArray[np.int64]


class KeyedBatch(NamedTuple):
    """n rows: who and which days they are about, their lines, their keys, and the figures of each column (k × n)."""

    codes: Texts
    units: Texts
    starts: Whole
    ends: Whole
    lines: Whole
    keys: Texts
    values: Floats
    states: States


class Summed(NamedTuple):
    """r records, one for each organisation, unit and period, with the line of its first row; and by cell the record,
    the measure, the sum and its state."""

    codes: Texts
    units: Texts
    starts: Whole
    ends: Whole
    lines: Whole
    records: Whole
    measures: Whole
    values: Floats
    states: States


class KeyedRows:
    """Collects the rows of a keyed file and adds them up. `keys` are the different keys so far."""

    def __init__(self, contract: Dataset) -> None:
        assert contract.keyed is not None
        self._contract, self._keyed = contract, contract.keyed
        self._columns = [*self._keyed.values]
        self._texts: list[dict[str, int]] = [{}, {}]  # codes, units
        self.keys: dict[str, int] = {}
        self._ids: list[NDArray[np.int32]] = []
        self._values: list[Floats] = []
        self._states: list[States] = []

    def add(self, rows: KeyedBatch) -> None:
        """Take some rows. Unreadable if the file has too many different keys."""
        ids = [
            _numbered(rows.codes, self._texts[0]),
            _numbered(rows.units, self._texts[1]),
            rows.starts,
            rows.ends,
            _numbered(rows.keys, self.keys),
            rows.lines,
        ]
        if len(self.keys) > limits.KEYS:
            text = (
                f"the column of keys has more than {limits.KEYS:,} different texts; it was probably exchanged with "
                "another column, so correct the headings."
            )
            raise Unreadable("too_many_keys", text, int(rows.lines[0]))
        self._ids.append(np.stack(ids).astype(np.int32))
        self._values.append(rows.values)
        self._states.append(rows.states)

    def summed(self, column: FileColumn, findings: Findings) -> Summed:
        """One record for each organisation, unit and period. A finding for every row that repeats the key of an earlier
        one, unless repeated rows add up, and for every measure of whose keys there is no row.

        A sum does not depend on the order of the rows.
        """
        none = np.empty(0, dtype=np.int32)
        if not self._ids:
            texts = pa.nulls(0, pa.string())
            return Summed(texts, texts, none, none, none, none, none, np.empty(0), np.empty(0, dtype=np.int8))
        ids = np.concatenate(self._ids, axis=1)
        values, states = np.concatenate(self._values, axis=1), np.concatenate(self._states, axis=1)
        code, unit, start, end, key, line = ids
        order = np.lexsort((line, end, start, unit, code))
        changes = (ids[:4, order][:, 1:] != ids[:4, order][:, :-1]).any(axis=0)
        record = np.empty(len(order), dtype=np.int64)
        record[order] = np.concatenate([[0], np.cumsum(changes)])
        first = order[np.concatenate([[True], changes])]
        if self._keyed.repeated == "error":
            self._check_repeats(record, key, line, code, column, findings)
        parts = [self._measure(name, record, key, values, states) for name in self._contract.measures]
        self._check_unnamed(parts, column, findings)
        records, sums, sum_states = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return Summed(
            _texts(self._texts[0], code[first]),
            _texts(self._texts[1], unit[first]),
            start[first],
            end[first],
            line[first],
            records.astype(np.int32),
            np.repeat(np.arange(len(parts), dtype=np.int32), [len(part[0]) for part in parts]),
            sums,
            sum_states,
        )

    def _measure(
        self, name: str, record: Places, key: Whole, values: Floats, states: States
    ) -> tuple[Places, Floats, States]:
        """The records that have a row of a measure, their sums, and the states of those.

        Parts that do not apply are left out. A missing part makes the sum missing, a suppressed one suppressed.
        """
        measure = self._contract.measures[name]
        at = self._columns.index(measure.value or "")
        named = np.array([*(measure.of_key(each) for each in self.keys), False], dtype=bool)  # -1: no key
        chosen = np.flatnonzero(named[key])
        chosen = chosen[np.lexsort((values[at, chosen], record[chosen]))]
        records, begins = np.unique(record[chosen], return_index=True)
        if not len(records):
            return records, np.empty(0), np.empty(0, dtype=np.int8)
        own, state = values[at, chosen], states[at, chosen]
        total = np.add.reduceat(np.where(state == VALUE, own, 0.0), begins)
        result = np.full(len(records), NOT_APPLICABLE, dtype=np.int8)
        for worse, as_state in ((VALUE, VALUE), (MISSING, MISSING), (FAULTY, MISSING), (SUPPRESSED, SUPPRESSED)):
            result[np.logical_or.reduceat(state == worse, begins)] = as_state
        return records, np.where(result == VALUE, total, np.nan), result

    def _check_repeats(
        self, record: Places, key: Whole, line: Whole, code: Whole, column: FileColumn, findings: Findings
    ) -> None:
        order = np.lexsort((line, key, record))
        same = (record[order][1:] == record[order][:-1]) & (key[order][1:] == key[order][:-1])
        same &= (key[order][1:] >= 0) & (code[order][1:] >= 0)  # two faulty cells are not the same one
        again = np.flatnonzero(same) + 1
        first = np.maximum.accumulate(np.where(np.r_[False, same], 0, np.arange(len(order))))
        codes, keys = [*self._texts[0]], [*self.keys]

        def detail(nth: int) -> FindingDetail:
            row, earlier = order[again[nth]], order[first[again[nth]]]
            name, about = codes[code[row]], keys[key[row]]
            text = f"{quoted(about)} of {name} is in row {line[earlier]} already; keep the row that is right."
            return FindingDetail(int(line[row]), text, about, name)

        findings.add_each("error", "duplicate_row", column.title, len(again), detail)

    def _check_unnamed(
        self, parts: Sequence[tuple[Places, Floats, States]], column: FileColumn, findings: Findings
    ) -> None:
        """A warning for every measure that has no row at all: its keys may be out of date, or the file incomplete."""
        measures: Mapping[str, object] = self._contract.measures
        for name, (records, *_) in zip(measures, parts, strict=True):
            if not len(records):
                keys = listed([quoted(each) for each in self._contract.measures[name].of_keys], 5)
                text = (
                    f"no row has a key of {name} ({keys}). If the file is complete, ask the operators to have the keys "
                    "in the contract checked; else land the whole file."
                )
                findings.add("warning", "no_rows_of_measure", text, column=column.title)


def _numbered(texts: Texts, known: dict[str, int]) -> NDArray[np.int32]:
    """Each text's place among the known ones, to which new ones are added; -1 for None."""
    encoded = pc.dictionary_encode(texts)
    places = [known.setdefault(text, len(known)) for text in encoded.dictionary.to_pylist()]
    at = pc.fill_null(encoded.indices.cast(pa.int64()), len(places)).to_numpy(zero_copy_only=False)
    numbered: NDArray[np.int32] = np.array([*places, -1], dtype=np.int32)[at]
    return numbered


def _texts(known: Mapping[str, int], places: Whole) -> Texts:
    texts: Texts = pc.take(column_of([*known, None]), pa.array(np.where(places < 0, len(known), places)))
    return texts
