"""Trusts: which have rows in a release, and their names, attributes and types."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from functions.opportunities.measure.survey import Survey
from functions.opportunities.measure.windows import MetricWindow
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.method import Method
from shared.method.terms import Ref
from shared.tables import TRUSTS

NAME = "name"
"""The measure that holds an organisation's name, in every dataset that has one."""

TEXT_COLUMNS = ["code", "text", "period_start", "period_end"]


def trusts_with_rows(held: Survey, spans: Iterable[MetricWindow], population: Population) -> list[str]:
    """Every trust in the register or in the files of a window that is used, in code order."""
    used = {pair for _, metric, window in spans for pair in held.used(metric.sources, window.periods)}
    return sorted(population.registered | {code for code in held.mentioned(used) if population.is_trust(code)})


def names_of(facts: Facts, population: Population) -> dict[str, str]:
    """code → name: that of the register or, if it has none, the newest landed."""
    return _newest(facts, [Ref(dataset, NAME) for dataset in sorted(facts.tables)]) | population.names


def trusts_table(
    level: str | None,
    trusts: Sequence[str],
    names: Mapping[str, str],
    facts: Facts,
    method: Method,
    population: Population,
) -> pa.Table:
    """The table TRUSTS of one level. Old codes whose successors are among the trusts are listed too, so that they can
    be found."""
    codes, register = set(trusts), method.programme.population.trust_register
    types = _newest(facts, [Ref.parse(name) for name in reversed(method.programme.population.trust_type)])
    present = {code: population.successors.present(code) for code in {*population.successors.codes(), *trusts}}
    listed = sorted(codes | {code for code, now in present.items() if population.is_trust(code) and codes & {*now}})
    columns: dict[str, list[Any]] = {
        "trust_code": listed,
        "trust_name": [names.get(code) for code in listed],
        "level": [level] * len(listed),
        "belongs_to": [
            [(name, other) for name in population.members if (other := population.member_of(name, code)) is not None]
            if level
            else None
            for code in listed
        ],
        "attributes": [
            [(name, texts[code]) for name, texts in population.attributes.items() if code in texts] for code in listed
        ],
        "trust_type": [types.get(code) for code in listed],
        "opened": [population.opened.get(code) for code in listed],
        "closed": [population.closed.get(code) for code in listed],
        "successors": [[now for now in present[code] if now != code] for code in listed],
        "in_register": [code in population.registered if register else None for code in listed],
    }
    return pa.table(columns, schema=TRUSTS)


def _newest(facts: Facts, refs: Sequence[Ref]) -> dict[str, str]:
    """code → text of the newest period in which any of the measures has one; in the same period, the last measure's."""
    none = pd.DataFrame(columns=TEXT_COLUMNS)
    rows = pd.concat([none, *(facts.rows(ref)[TEXT_COLUMNS] for ref in refs if ref.dataset in facts.tables)])
    texts = rows[rows["text"].notna() & rows["period_end"].notna()]
    newest = texts.sort_values(["period_end", "period_start"], kind="stable").drop_duplicates("code", keep="last")
    return dict(zip(newest["code"].astype(str), newest["text"].astype(str), strict=True))
