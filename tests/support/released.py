"""A little programme's releases, as their tables and their method.json hold them."""

import json
from collections.abc import Callable
from datetime import date

import pyarrow as pa

from functions.api.changes import ComparedRelease
from shared.method.method import Method, published
from shared.method.opportunities import Price
from shared.releases.contents import Contents
from tests.oracles.opportunities import Fact, Pair
from tests.support.small_programme import CODES, LABEL, everyone_near, method, peers_of, run

NEAR = everyone_near(CODES)


def held(
    facts: list[Fact],
    rules: Method | None = None,
    pairs: list[Pair] | None = None,
    mend: Callable[[pa.Table], pa.Table] = lambda table: table,
) -> ComparedRelease:
    """A release of some facts, as its tables and its method.json hold it; `mend` alters its opportunities."""
    rules, pairs = rules or method(), NEAR if pairs is None else pairs
    found = run(facts, pairs, rules)
    kept = json.loads(rules.model_dump_json())
    days = {"2019-20": date(2020, 3, 31), LABEL: date(2021, 3, 31), "2021-22": date(2022, 3, 31)}
    peers = peers_of(pairs)
    ends = pa.array([days.get(label) for label in peers["period"].to_pylist()], pa.date32())
    peers = peers.set_column(peers.column_names.index("period_end"), "period_end", ends)
    tables = {"opportunities": mend(found.opportunities), "metrics": found.metrics, "peers": peers}
    return ComparedRelease(published([("method.yaml", kept)]), Contents.of(tables))


def priced(rules: Method, **values: float) -> Method:
    """With other prices."""
    prices = {
        name: Price(**(dict(price) | {"value": values.get(name, price.value)})) for name, price in rules.prices.items()
    }
    return rules.model_copy(update={"prices": prices})
