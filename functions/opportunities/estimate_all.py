"""Estimate: facts, peers and a method in; metrics, opportunities, their trend and trusts out. Pure.

Each level of organisations is computed on its own: nothing is compared or added up across levels.
"""

import pyarrow as pa

from functions.opportunities.estimate.scope import FactSource, Scope, WholeFacts
from functions.opportunities.shards.assemble import Estimate, assemble
from functions.opportunities.shards.compute import compute
from shared.facts.facts import Facts
from shared.method.method import Method


def estimate(facts: Facts, peers: pa.Table, method: Method) -> Estimate:
    """All metrics and opportunities of a method, over every window held. `peers` has the schema PEERS."""
    return estimate_from(WholeFacts(facts, method), peers, method)


def estimate_from(source: FactSource, peers: pa.Table, method: Method) -> Estimate:
    """The same of facts that are read a part at a time."""
    scope = Scope.of(source, peers, method)
    return assemble(scope, dict(compute(source, scope, scope.plan.shards)))
