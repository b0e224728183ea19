"""What peers knows of facts that a test wrote."""

from functions.peers.datasets.known import KnownFacts, from_tables, to_tables
from functions.peers.datasets.make import known, needed
from shared.facts.facts import Facts
from shared.method.method import Method


def known_of(facts: Facts, method: Method) -> KnownFacts:
    """What is known of each dataset, as if it had been kept."""
    wanted = needed(method)
    found = {
        name: from_tables(to_tables(known(table, method.datasets[name], wanted.get(name, frozenset()))))
        for name, table in facts.tables.items()
    }
    return KnownFacts(found, method.datasets)
