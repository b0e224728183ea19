"""Generated histories: the shipped method's files for any number of organisations and months, already judged.

Seeded, with invented codes and figures: every process makes the same. Curated tables and verdicts are written as ingest
would have left them, because conforming is measured by itself and is linear.
"""

import zlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from benchmarks.scale.many_metrics import method_text
from shared import keys, tables
from shared.aws.store import Store
from shared.content import digest, sha256
from shared.landing.read import read_method
from shared.landing.verdicts import method_rules_for, rules_for
from shared.method.contracts import Dataset
from shared.method.load import documents_json, method_id, parse
from shared.method.method import Method
from shared.method.terms import Period
from shared.tables import CURATED

ROOT = Path(__file__).parents[2]
LANDING, DATA = "landing", "data"
SIZE = "size"
"""The key of how many organisations a history has."""
LAST = date(2025, 3, 31)
"""The last day of every history."""

SITES = 3
YEARS_BY_SITE = 2
"""The newest years of the estates return come by site, and the years before them by organisation."""

TYPES = ("ACUTE - LARGE", "ACUTE - SMALL", "AMBULANCE", "COMMUNITY", "MENTAL HEALTH AND LEARNING DISABILITY")
_SMALL = ("dna", "over_4h", "lost", "empty", "long_stay")
_MISSING = 0.02


class Size(NamedTuple):
    """How many organisations report, for how many months, and how many metrics there are on top of the shipped ones."""

    organisations: int
    months: int
    metrics: int = 0

    def __str__(self) -> str:
        return " × ".join(str(part) for part in self if part)


def codes(number: int) -> list[str]:
    """Invented codes of organisations."""
    return [f"R{place:05}" for place in range(number)]


def write_history(size: Size, landing: Store, data: Store) -> Method:
    """Land the method and every file of a history, with verdicts and curated tables."""
    text = method_text(ROOT / "method", size.metrics)
    land(
        landing, data, "method/method.yaml", method_rules_for().dataset, method_rules_for().contract_id, method_id(text)
    )
    data.put(keys.method(method_id(text)), documents_json(parse(text)))
    method = read_method(data, method_id(text))  # as ingest and peers read it
    data.put(SIZE, str(size.organisations).encode())
    for key, table in files(size, method):
        land_table(landing, data, method, key, table)
    return method


def land_table(landing: Store, data: Store, method: Method, key: str, table: pa.Table) -> None:
    """Land a file whose curated table is given."""
    rules = rules_for(key, method)
    about = {"sha256": sha256(key.encode()), "rows": str(table.num_rows)}
    body = tables.to_bytes(table, about)
    identity = digest(body, key)
    data.put(keys.curated(identity), body)  # type: ignore[arg-type]
    land(landing, data, key, rules.dataset, rules.contract_id, identity)


def land(landing: Store, data: Store, key: str, dataset: str, contract: str, outcome: str) -> None:
    """Land a key, with its verdict."""
    landing.put(key, key.encode())
    entry = landing.history(key)[0]
    data.put(keys.verdict(dataset, contract, key, entry.version_id, outcome), b"")


def files(size: Size, method: Method) -> Iterator[tuple[str, pa.Table]]:
    """Landing key and curated table of each file, oldest first within a dataset."""
    who = codes(size.organisations)
    years = [_year(nth) for nth in reversed(range(max(1, size.months // 12)))]
    for name, contract in method.datasets.items():
        match name:
            case "peer_lists" | "prices" | "general_acute_beds":
                continue
            case "ods_trusts":
                yield _file(name, "2025-04-01", contract, None, who)
            case "ods_successors":
                continue
            case "trust_characteristics":
                yield _file(name, years[-1][0], contract, years[-1][1], who)
            case "eric_site":
                for label, period in years[-YEARS_BY_SITE:]:
                    yield _file(name, label, contract, period, who, SITES)
            case "eric_trust":
                for label, period in years[:-YEARS_BY_SITE]:
                    yield _file(name, label, contract, period, who)
            case _:
                for nth, (label, period) in enumerate(_labels(contract.period.kind, size.months, years)):
                    few = name == "outpatients_quarterly" and nth == 1  # a finding that holds for a whole period
                    yield _file(name, label, contract, period, who[: len(who) // 2] if few else who)


def _file(
    dataset: str, label: str, contract: Dataset, period: Period | None, who: list[str], sites: int = 0
) -> tuple[str, pa.Table]:
    key = f"{dataset}/{label}/{dataset}.csv"
    return key, curated(dataset, contract, period or Period(LAST + timedelta(1), LAST + timedelta(1)), who, sites)


def curated(dataset: str, contract: Dataset, period: Period, who: list[str], sites: int = 0) -> pa.Table:
    """One file's table (schema CURATED): a row for each organisation (or site) and measure."""
    kinds: dict[str, str] = {name: one.type for name, one in contract.measures.items()}
    kinds |= {name: one.type for name, one in contract.derived.items()}
    n, m = len(who) * (sites or 1), len(kinds)
    value, text, missing = np.full((n, m), np.nan), np.full((n, m), None, dtype=object), np.zeros((n, m), dtype=bool)
    for column, (measure, kind) in enumerate(kinds.items()):
        if kind == "number":
            value[:, column] = _figures(dataset, measure, period, len(who), sites)
            random = np.random.default_rng(zlib.crc32(f"{measure} {period.end}".encode()))
            missing[:, column] = random.random(n) < _MISSING
        else:
            text[:, column] = np.repeat(_texts(measure, kind, len(who)), sites or 1)
            missing[:, column] = np.array([one is None for one in text[:, column]])
    value[missing] = np.nan
    columns: dict[str, Any] = {
        "code": _repeated(np.array(who), m * (sites or 1)),
        "period_start": _one(period.start, n * m, pa.date32()),
        "period_end": _one(period.end, n * m, pa.date32()),
        "measure": pa.DictionaryArray.from_arrays(np.tile(np.arange(m, dtype=np.int32), n), pa.array([*kinds])).cast(
            pa.string()
        ),
        "value": pa.array(value.ravel(), pa.float64(), from_pandas=True),
        "text": pa.array(text.ravel(), pa.string()),
        "state": _chosen(missing.ravel().astype(np.int32), ["value", "missing"]),
        "row": pa.array(np.repeat(np.arange(2, n + 2, dtype=np.int32), m)),
    }
    if sites:
        units = np.array([f"{code}{nth:02}" for code in who for nth in range(sites)])
        columns["unit"] = _repeated(units, m)
    return tables.of_columns(CURATED, n * m, **columns)


def _figures(dataset: str, measure: str, period: Period, organisations: int, sites: int) -> Any:
    """Figures of a measure: those of an organisation differ little from one period to the next."""
    random = np.random.default_rng(zlib.crc32(f"{dataset} {measure}".encode()))
    base = 1e6 if any(word in measure for word in _SMALL) else 1e7
    own = np.exp(random.normal(0, 0.2, organisations))
    random = np.random.default_rng(zlib.crc32(f"{dataset} {measure} {period.end}".encode()))
    size = np.exp(np.random.default_rng(1).normal(0, 0.6, organisations))
    figures = base * size * own * np.exp(random.normal(0, 0.03, organisations))
    return np.round(np.repeat(figures, sites) / sites if sites else figures, 2)


def _texts(measure: str, kind: str, organisations: int) -> Any:
    random = np.random.default_rng(zlib.crc32(measure.encode()))
    who = codes(organisations)
    if kind == "date":
        return np.array(["2001-04-01" if measure == "opened" else None] * organisations, dtype=object)
    if "type" in measure:
        return np.array(TYPES, dtype=object)[random.integers(0, len(TYPES), organisations)]
    if measure == "name":
        return np.array([f"INVENTED TRUST {code}" for code in who], dtype=object)
    choices = [f"Y{50 + nth}" for nth in range(7)]
    return np.array(choices, dtype=object)[random.integers(0, len(choices), organisations)]


def _chosen(places: Any, texts: list[str]) -> Any:
    return pa.DictionaryArray.from_arrays(places, pa.array(texts)).cast(pa.string())


def _repeated(texts: Any, times: int) -> Any:
    return _chosen(np.repeat(np.arange(len(texts), dtype=np.int32), times), texts.tolist())


def _one(value: Any, rows: int, kind: Any) -> Any:
    return pa.DictionaryArray.from_arrays(np.zeros(rows, dtype=np.int32), pa.array([value], kind)).cast(kind)


def _year(before: int) -> tuple[str, Period]:
    start = LAST.year - 1 - before
    return f"{start}-{(start + 1) % 100:02}", Period(date(start + 1, 3, 31), date(start, 4, 1))


def _labels(kind: str, months: int, years: list[tuple[str, Period]]) -> Iterator[tuple[str, Period]]:
    starts = [_month(nth) for nth in reversed(range(months))]
    if kind == "month":
        for start, after in zip(starts, [*starts[1:], LAST + timedelta(1)], strict=True):
            yield f"{start:%Y-%m}", Period(after - timedelta(1), start)
    elif kind == "quarter":
        for nth in range(0, months - months % 3, 3):
            start = starts[nth]
            after = starts[nth + 3] if nth + 3 < months else LAST + timedelta(1)
            year = start.year - (start.month < 4)
            yield (
                f"{year}-{(year + 1) % 100:02}-Q{(start.month - 4) % 12 // 3 + 1}",
                Period(after - timedelta(1), start),
            )
    else:
        yield from years


def _month(before: int) -> date:
    month = LAST.year * 12 + LAST.month - 1 - before
    return date(month // 12, month % 12 + 1, 1)
