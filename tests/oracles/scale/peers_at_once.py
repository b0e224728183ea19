"""What peers computes, from all facts in memory: nothing is read in part, projected, cut into blocks or kept.

It shares each check with what it is compared with, not what the checks and the groups are given.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from functions.peers.characteristics import characteristics
from functions.peers.checks.across import findings
from functions.peers.compute import PeerTables
from functions.peers.datasets.checks import findings_of_dataset
from functions.peers.datasets.known import Known
from functions.peers.groups import ORDER, peer_groups
from shared.facts.apply_findings import apply_findings
from shared.facts.facts import Facts
from shared.facts.levels import facts_of_level
from shared.facts.population import Population
from shared.landing.snapshot import Snapshot
from shared.method.method import Method


class WholeFacts(Facts):
    """All facts, and what checks ask of datasets."""

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts.tables, facts.contracts)
        self.known = {name: self._known(name) for name in facts.tables}

    def codes_by_label(self, dataset: str) -> Mapping[str, set[str]]:
        """Label → codes."""
        return {str(label): {*rows["code"]} for label, rows in self.tables[dataset].groupby("period")}

    def _known(self, name: str) -> Known:
        table, contract = self.tables[name], self.contracts[name]
        number = (table["state"] == "value") & table["value"].notna()
        marked = table.assign(figures=(table["state"] != "missing").astype(int), reports=number)
        held = marked.groupby(["period", "period_start", "period_end", "code"], dropna=False, sort=False)
        findings = [*findings_of_dataset(table, [self.by_organisation[name]], contract)]
        return Known(held.agg({"figures": "sum", "reports": "any"}).reset_index(), findings, pd.DataFrame(), {})


def peers_at_once(facts: Facts, snapshot: Snapshot, method: Method) -> PeerTables:
    """The tables of a snapshot. `facts`: those of its files."""
    population = Population(facts, method.programme)
    whole: Any = WholeFacts(facts)
    found = findings(whole, snapshot, method, population)
    usable = apply_findings(facts, found)
    levels = [(usable, population)] + [
        (facts_of_level(usable, level, population, method), population.of_level(level))
        for level in method.programme.population.levels[1:]
    ]
    return PeerTables(
        found,
        pa.concat_tables([characteristics(of, method, who) for of, who in levels]).combine_chunks(),
        pa.concat_tables([peer_groups(of, method, who) for of, who in levels]).sort_by(ORDER).combine_chunks(),
    )
