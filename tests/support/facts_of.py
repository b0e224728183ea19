"""Facts for tests, written as CSV rather than landed."""

import io
from collections.abc import Mapping
from datetime import date

import pandas as pd
import pyarrow as pa

from functions.opportunities.figures.scope import Pairs, measures_of
from functions.opportunities.measure.surveying import surveys_of
from functions.peers.datasets.known import KnownFacts, as_frame, from_tables, to_tables
from functions.peers.datasets.make import known, needed
from shared.facts.facts import Facts
from shared.method.method import Method
from shared.tables import CURATED

COLUMNS = ("code", "unit", "period_start", "period_end", "measure", "value", "text", "state", "row", "period")


def facts_of(**tables: str) -> Facts:
    """Facts of CSV texts by dataset, with a header of any of `COLUMNS`; columns left out take their defaults."""
    return Facts({dataset: frame(pd.read_csv(io.StringIO(text), dtype=str)) for dataset, text in tables.items()})


def frame(given: pd.DataFrame, defaults: Mapping[str, str] | None = None) -> pd.DataFrame:
    """The long frame of some columns: dates read, states worked out from value and text, rows counted from 2."""
    table = given.reindex(columns=list(COLUMNS)).astype(object)
    table = table.where(table.notna(), None)
    for name, text in (defaults or {}).items():
        table[name] = table[name].where(table[name].notna(), text)
    for name in ("period_start", "period_end"):
        table[name] = pd.Series([_day(text) for text in table[name]], dtype=object)
    stated = table["value"].notna() | table["text"].notna()
    table["state"] = table["state"].where(table["state"].notna(), stated.map({True: "value", False: "missing"}))
    table["value"] = table["value"].astype(float)
    table["row"] = range(2, len(table) + 2)
    table["warnings"] = None
    return table


def as_read(table: pd.DataFrame) -> pd.DataFrame:
    """A long frame as peers reads it from files: texts and days are categories."""
    schema = pa.schema([*CURATED, pa.field("period", pa.string())])
    read = as_frame(pa.Table.from_pandas(table, schema, preserve_index=False))
    return read.assign(state=read["state"].cat.set_categories(["value", "missing", "suppressed", "not_applicable"]))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def known_of(facts: Facts, method: Method) -> KnownFacts:
    """What peers knows of each dataset, as if it had been kept."""
    wanted = needed(method)
    found = {
        name: from_tables(to_tables(known(table, method.datasets[name], wanted.get(name, frozenset()))))
        for name, table in facts.tables.items()
    }
    return KnownFacts(found, method.datasets)


class WholeFacts:
    """A source that has all facts in memory."""

    def __init__(self, facts: Facts, method: Method) -> None:
        self.texts = facts
        self.surveys = surveys_of(facts, measures_of(method))

    def facts(self, pairs: Pairs) -> Facts:
        """All facts."""
        return self.texts
