"""A row as a line of an answer. Expected texts are written by hand."""

import json
from typing import Any

from benchmarks.scale.by_metric import in_parts
from functions.api.lines import distribution_of, line
from functions.api.release import Release
from shared import tables
from shared.releases import write
from tests.support.api.programme import METHOD, PEER_GROUPS, PROGRAMME
from tests.support.api.published import (
    RELEASE,
    MemoryStore,
    Service,
    distribution,
    metrics,
    opportunities,
    peers,
    table,
    trusts,
)

EVERYONE: dict[str, Any] = {"kind": "national", "title": "All trusts", "explanation": "All.", "source": "here"}


def release() -> Release:
    """The hand-made release, of a programme with networks above its trusts and an own group of all."""
    network = {"id": "network", "measure": "a", "name": "a", "organisation": {"one": "network", "many": "networks"}}
    population = PROGRAMME["population"] | {"levels": [{"id": "trust"}, network]}
    changed = {
        "programme.yaml": {"programme": PROGRAMME | {"population": population}},
        "peer_groups.yaml": {"peer_groups": PEER_GROUPS | {"everyone": EVERYONE}},
    }
    method = [(name, changed.get(name, content)) for name, content in METHOD]
    made = {"trusts": trusts(), "metrics": metrics(), "peers": peers(), "opportunities": opportunities()}
    store = MemoryStore()
    outputs = {name: table(name, made.get(name, [])) for name in tables.RELEASE_TABLES}
    parts = in_parts(store, RELEASE, outputs, {})
    write.write(store, RELEASE, "m" * 32, 1, json.dumps(method).encode(), [], outputs, None, parts)
    return Release(store, RELEASE)


def test_a_group_of_all_is_called_by_the_words_of_the_rows_level() -> None:
    (row,) = [row for row in opportunities() if (row["trust_code"], row["opportunity_id"]) == ("RAA", "cleaning_cost")]
    of_all = row | {"comparator": "everyone"}
    for level, group, others in (("trust", "All trusts", "trusts"), ("network", "All networks", "networks")):
        told = line(release(), of_all | {"level": level})
        assert told.comparator_title == group
        assert told.benchmark_lower_rule == f"the median of 5 other {others} in “{group}”"


def test_a_distribution_is_of_the_level_that_was_asked_for() -> None:
    own = next(row for row in distribution(metrics()) if row["count"] > 1)
    doubled = {name: 2 * value if isinstance(value, float) else value for name, value in own.items()}
    service = Service()
    service.publish(distribution=[doubled | {"level": "network"}, own])
    window = own["metric_id"], own["period_start"], own["period_end"]
    for level, expected in {
        None: (own["count"], own["decile_5"]),
        "network": (own["count"], 2 * own["decile_5"]),
        "region": (0, None),
    }.items():
        found = distribution_of(service.releases.current(), *window, level)
        assert found is not None
        assert (found.n, found.median) == expected
