"""Trusts: who has rows in a release, and what is known of them."""

import pandas as pd
import pyarrow as pa

from functions.opportunities.metrics import window_of
from shared.facts import Facts, Period, Ref
from shared.method.load import Method
from shared.population import Population
from shared.tables import TRUSTS

NAME = "name"
"""The measure that holds an organisation's name, in every dataset that has one."""


def who(facts: Facts, method: Method, population: Population) -> list[str]:
    """Who has rows: every trust in the register or with data in a window used, in code order."""
    found = set(population.registered)
    for metric in method.metrics.values():
        window = window_of(metric, facts)
        for period in window.periods if window else ():
            for name in dict.fromkeys(metric.measures()):
                found.update(str(code) for code in facts.at(Ref.parse(name), period).index)
    return sorted(code for code in found if population.is_trust(code))


def names_of(facts: Facts, population: Population) -> dict[str, str]:
    """code → name: the register's or, failing that, the newest landed."""
    found: dict[str, tuple[Period, str]] = {}
    for dataset in sorted(facts.tables):
        rows = facts.rows(Ref(dataset, NAME))
        rows = rows[rows["text"].notna()]
        for code, text, start, end in zip(
            rows["code"], rows["text"], rows["period_start"], rows["period_end"], strict=True
        ):
            if code not in found or found[code][0] <= Period(end, start):
                found[str(code)] = (Period(end, start), str(text))
    return {code: text for code, (_, text) in found.items()} | population.names


def trusts_table(
    trusts: list[str], facts: Facts, method: Method, population: Population, names: dict[str, str]
) -> pa.Table:
    """The table TRUSTS. Old codes that lead to one of the trusts are listed too, so that readers can follow them."""
    types, rows = _types(facts, method), set(trusts)
    old = {code for code in population.successors.codes() if population.is_trust(code)} - rows
    listed = sorted(rows | {code for code in old if set(population.successors.present(code)) & rows})
    table = pd.DataFrame(
        {
            "trust_code": listed,
            "trust_name": [names.get(code) for code in listed],
            "region": [population.regions.get(code) for code in listed],
            "icb": [population.icbs.get(code) for code in listed],
            "trust_type": [types.get(code) for code in listed],
            "opened": [population.opened.get(code) for code in listed],
            "closed": [population.closed.get(code) for code in listed],
            "successors": [[now for now in population.successors.present(code) if now != code] for code in listed],
            "in_register": [code in population.registered for code in listed],
        }
    )
    return pa.Table.from_pandas(table, schema=TRUSTS, preserve_index=False).replace_schema_metadata()


def _types(facts: Facts, method: Method) -> dict[str, str]:
    """code → type, of the newest period in which the trust stated one."""
    found: dict[str, tuple[Period, str]] = {}
    for name in method.programme.population.trust_type:
        ref = Ref.parse(name)
        for period in facts.periods(ref):
            for code, text in facts.at(ref, period)["text"].items():
                if isinstance(text, str) and (code not in found or found[str(code)][0] < period):
                    found[str(code)] = (period, text)
    return {code: text for code, (_, text) in found.items()}
