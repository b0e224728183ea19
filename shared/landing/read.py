"""Reads the landing bucket's history, accepted methods and the files of a snapshot from the two buckets."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pyarrow as pa
from pydantic import ValidationError

from shared import keys, tables
from shared.aws.store import ObjectTooLarge, Store
from shared.facts.facts import Facts
from shared.ids import FileId, MethodId
from shared.landed import Landed
from shared.landing.decisions import REMEDY, LandedDecision, ReadDecision, number_of
from shared.landing.history import Log
from shared.landing.parts import STATEMENT, ReadStatements
from shared.landing.snapshot import Snapshot
from shared.landing.verdicts import method_rules_for
from shared.method.load import from_json
from shared.method.method import Method
from shared.method.prices import PRICE_YEAR, PRICES, SOURCE, STATUS, STATUSES, VALUE, LandedPrice, id_by_code
from shared.method.terms import Period


def read_log_of_methods(landing: Store, data: Store) -> Log:
    """The history of methods and decisions, from which the methods in force follow. It is listed before the verdicts,
    so a version without a verdict is one that ingest has not judged yet."""
    history = [entry for prefix in (keys.DECISIONS_PREFIX, keys.METHOD_PREFIX) for entry in landing.history(prefix)]
    names = [keys.verdict_name(name) for name in data.names(f"{keys.VERDICTS}{method_rules_for().dataset}/")]
    return Log(history, names, decision_reader(landing))


def read_method(data: Store, method_id: MethodId) -> Method:
    """An accepted method, by id. A warm function parses each method once: a content id never changes meaning."""
    return _read_method(data.bucket, method_id)


@cache
def _read_method(bucket: str, method_id: MethodId) -> Method:
    return from_json(Store(bucket).get(keys.method(method_id)).body)


_MOST_KEPT = 2_000_000


def statements(data: Store) -> ReadStatements:
    """Reads the `STATEMENT` columns of accepted files, each file once while those kept have fewer than two million
    rows (some 50 MiB). Keep it for one look: nothing is let go, so that two passes over many files do not chase each
    other's files out."""
    kept: dict[FileId, pa.Table] = {}
    rows = 0

    def read(file_id: FileId) -> pa.Table:
        nonlocal rows
        if file_id in kept:
            return kept[file_id]
        columns = data.read_table(keys.curated(file_id)).select(STATEMENT).itercolumns()
        table = pa.table([column.combine_chunks().dictionary_encode() for column in columns], STATEMENT)
        if rows + len(table) < _MOST_KEPT:
            rows += len(table)
            kept[file_id] = table
        return table

    return read


def read_facts(data: Store, snapshot: Snapshot, method: Method) -> tuple[Facts, Mapping[str, Mapping[str, str]]]:
    """The curated tables of a snapshot as Facts, and each file's metadata by file_id.

    Landed prices are not about organisations, and are no facts: see `read_prices`.
    """
    import pandas as pd

    frames: dict[str, list[pd.DataFrame]] = {}
    metadata: dict[str, Mapping[str, str]] = {}
    bodies = data.get_all([keys.curated(file.file_id) for file in snapshot.files])
    for file, stored in zip(snapshot.files, bodies, strict=True):
        table = tables.from_bytes(stored.body)
        metadata[file.file_id] = {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()}
        if file.dataset != PRICES:
            frames.setdefault(file.dataset, []).append(table.to_pandas().assign(period=file.period))
    long_tables = {dataset: pd.concat(parts, ignore_index=True) for dataset, parts in frames.items()}
    return Facts(long_tables, method.datasets), metadata


def read_prices(data: Store, snapshot: Snapshot, method: Method) -> dict[str, LandedPrice]:
    """The prices that a snapshot's files state, by id. Of a price in several periods, the newest one's counts, whatever
    the order in which they were landed."""
    ids = id_by_code(method.prices)
    stated: dict[tuple[str, Period], dict[str, Any]] = {}
    for file in snapshot.files:
        if file.dataset == PRICES:
            for cell in data.read_table(keys.curated(file.file_id)).to_pylist():
                of_code = stated.setdefault((cell["code"], Period(cell["period_end"], cell["period_start"])), {})
                of_code[cell["measure"]] = cell["value"] if cell["measure"] == VALUE else cell["text"]
    landed = {}
    for (code, _), parts in sorted(stated.items()):
        if code in ids:
            status = STATUSES[STATUSES.index(parts[STATUS].casefold())]
            landed[ids[code]] = LandedPrice(parts[VALUE], parts[PRICE_YEAR], parts[SOURCE], status)
    return landed


_LARGEST = 32 * 1024 * 1024


def read_decision(landing: Store, entry: Landed) -> LandedDecision:
    """A decision as it was landed; ValueError with a plain sentence if the object is not a decision."""
    number = number_of(entry.key)
    if not number:
        raise ValueError(
            f"{entry.key}: a decision must be landed as {keys.DECISIONS_PREFIX}<six digits>.json, counted from 000001. "
            f"{REMEDY}"
        )
    try:
        body = landing.get_at_most(_LARGEST, entry.key, entry.version_id).body
        return LandedDecision.model_validate_json(body).model_copy(update={"number": number})
    except ObjectTooLarge as error:
        raise ValueError(f"{entry.key}: {error.size:,} bytes are too many for a decision. {REMEDY}") from None
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'decision'}: {fault['msg']}" for fault in error.errors()
        )
        raise ValueError(f"{entry.key}: this is not a valid decision: {faults}. {REMEDY}") from None


def decision_reader(landing: Store) -> ReadDecision:
    """Reads landed decisions; None for an object that is not a decision, which is ignored."""

    def read(entry: Landed) -> LandedDecision | None:
        try:
            return read_decision(landing, entry)
        except ValueError:
            return None

    return read
