"""Trusts: who has rows in a release, and what is known of them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import pandas as pd
import pyarrow as pa

from functions.opportunities.measure.measures import Landed
from functions.opportunities.measure.windows import MetricWindow
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.method.method import Method
from shared.method.terms import Ref
from shared.tables import TRUSTS

NAME = "name"
"""The measure that holds an organisation's name, in every dataset that has one."""

_STATED = ["code", "text", "period_start", "period_end"]


def who(landed: Landed, spans: Iterable[MetricWindow], population: Population) -> list[str]:
    """Who has rows: every trust in the register or in the files of a window used, in code order."""
    used = {
        (measure, period)
        for _, metric, window in spans
        for measure, period in product(metric.measures(), window.periods)
    }
    return sorted(population.registered | {code for code in landed.mentioned(used) if population.is_trust(code)})


def names_of(facts: Facts, population: Population) -> dict[str, str]:
    """code → name: the register's or, failing that, the newest landed."""
    return _newest(facts, [Ref(dataset, NAME) for dataset in sorted(facts.tables)]) | population.names


def trusts_table(
    trusts: Sequence[str], names: Mapping[str, str], facts: Facts, method: Method, population: Population
) -> pa.Table:
    """The table TRUSTS. Old codes that lead to one of the trusts are listed too, so that readers can follow them."""
    rows = set(trusts)
    types = _newest(facts, [Ref.parse(name) for name in reversed(method.programme.population.trust_type)])
    lead = {code: population.successors.present(code) for code in {*population.successors.codes(), *trusts}}
    listed = sorted(rows | {code for code, now in lead.items() if population.is_trust(code) and rows & {*now}})
    columns: dict[str, list[Any]] = {
        "trust_code": listed,
        "trust_name": [names.get(code) for code in listed],
        "region": [population.regions.get(code) for code in listed],
        "icb": [population.icbs.get(code) for code in listed],
        "trust_type": [types.get(code) for code in listed],
        "opened": [population.opened.get(code) for code in listed],
        "closed": [population.closed.get(code) for code in listed],
        "successors": [[now for now in lead[code] if now != code] for code in listed],
        "in_register": [code in population.registered for code in listed],
    }
    return pa.table(columns, schema=TRUSTS)


def _newest(facts: Facts, refs: Sequence[Ref]) -> dict[str, str]:
    """code → text, of the newest period in which any of the measures has one; of equals, the last measure's."""
    none = pd.DataFrame(columns=_STATED)
    rows = pd.concat([none, *(facts.rows(ref)[_STATED] for ref in refs if ref.dataset in facts.tables)])
    stated = rows[rows["text"].notna() & rows["period_end"].notna()]
    newest = stated.sort_values(["period_end", "period_start"], kind="stable").drop_duplicates("code", keep="last")
    return dict(zip(newest["code"].astype(str), newest["text"].astype(str), strict=True))
