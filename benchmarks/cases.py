"""Every case, in the order in which they are run; smallest first within a kind."""

from collections.abc import Sequence

from benchmarks import api, comparisons, imports, ingest, levels, peers
from benchmarks.harness import Case

CASES: Sequence[Case] = (*peers.CASES, *comparisons.CASES, *levels.CASES, *ingest.CASES, *imports.CASES, *api.CASES)

QUICK: Sequence[Case] = (peers.case(60, 0.0), peers.case(60, 0.05), comparisons.case(60, 7), levels.case(60, 4))
"""Small enough for a test."""
