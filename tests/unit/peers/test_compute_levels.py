"""Peers of networks are networks, by the sums of their practices; a code that is ambiguous has a finding."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from functions.peers.compute import compute
from shared.facts.facts import Facts
from shared.ids import MethodId
from shared.landing.snapshot import Snapshot
from shared.method.contracts import Dataset
from shared.method.method import Method
from shared.method.peer_groups import Alike, LandedListGroup, NearestGroup, Preference, Variable
from shared.method.programme import Programme
from tests.support.facts_of import known_of

YEAR = (date(2024, 1, 1), date(2024, 12, 31))
HEAD = {"source": "s", "licence": "l", "period": {"kind": "year"}, "code": {"heading": "code"}, "title": "t"}
LIST = Dataset.model_validate(
    HEAD | {"id": "list", "measures": {"patients": {"heading": "p", "unit": "patient"},
                                      "setting": {"heading": "s", "type": "text"},
                                      "kind": {"heading": "k", "type": "text"}}}
)  # fmt: skip
REGISTER = Dataset.model_validate(
    HEAD | {"id": "register", "measures": {"name": {"heading": "n", "type": "text"},
                                          "network": {"heading": "w", "type": "code"}}}
)  # fmt: skip
PEERS = Dataset.model_validate(
    HEAD | {"id": "lists", "relation": True, "measures": {"peer": {"heading": "p", "type": "code"}}}
)
PROGRAMME = Programme.model_validate(
    {
        "id": "p", "name": "P", "description": "D", "currency": "GBP",
        "population": {
            "trust_register": {"dataset": "register", "name": "name"},
            "levels": [
                {"id": "practice"},
                {"id": "network", "measure": "network", "organisation": {"one": "network", "many": "networks"}},
            ],
        },
    }
)  # fmt: skip
NEAR = NearestGroup(
    kind="nearest", title="t", explanation="e", source="s", k=1, runners_up=0,
    variables=(Variable(measure="list.patients", label="p", scale="none"),),
)  # fmt: skip
LISTED = LandedListGroup(kind="landed_list", title="t", explanation="e", source="s", measure="lists.peer", list="2024")
METHOD = Method.model_construct(
    programme=PROGRAMME, peer_groups={"near": NEAR, "listed": LISTED}, metrics={}, opportunities={}, prices={},
    overlap_groups={}, datasets={"list": LIST, "register": REGISTER, "lists": PEERS},
)  # fmt: skip
SIZES = {"A1": 10.0, "A2": 11.0, "A3": 30.0, "A4": 100.0, "A5": 41.0, "A6": 60.0}
NETWORKS = {"A1": "N1", "A2": "N1", "A3": "N2", "A4": "N2", "A5": "N3", "A6": "N4"}
"""Sums: N1 21, N2 130, N3 41, N4 60."""


def rows(measure: str, cells: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "code": code, "unit": None, "period_start": YEAR[0], "period_end": YEAR[1], "measure": measure,
            "value": cell if isinstance(cell, float) else None, "text": cell if isinstance(cell, str) else None,
            "state": "value", "row": 2, "warnings": None, "period": "2024",
        }
        for code, cell in cells.items()
    ]  # fmt: skip


def computed(
    networks: dict[str, str], lists: dict[str, str], method: Method = METHOD, further: Sequence[dict[str, Any]] = ()
) -> Any:
    tables = {
        "list": [*rows("patients", SIZES), *further],
        "register": rows("name", {code: f"Practice {code}" for code in SIZES}) + rows("network", networks),
        "lists": rows("peer", lists),
    }
    facts = Facts({name: pd.DataFrame(part) for name, part in tables.items()}, METHOD.datasets)
    return compute(known_of(facts, method), Snapshot(method_id=MethodId("m"), files=()), method)


def test_each_level_has_peers_of_its_own() -> None:
    found = computed(NETWORKS, {"A1": "A6", "N1": "N4"})
    pairs = {
        (row["group_id"], row["trust_code"]): (row["peer_code"], row["distance"]) for row in found.peers.to_pylist()
    }
    assert pairs == {
        ("near", "A1"): ("A2", 1), ("near", "A2"): ("A1", 1), ("near", "A3"): ("A5", 11), ("near", "A4"): ("A6", 40),
        ("near", "A5"): ("A3", 11), ("near", "A6"): ("A5", 19),
        ("near", "N1"): ("N3", 20), ("near", "N2"): ("N4", 70), ("near", "N3"): ("N4", 19), ("near", "N4"): ("N3", 19),
        ("listed", "A1"): ("A6", None), ("listed", "N1"): ("N4", None),
    }  # fmt: skip
    values = {row["trust_code"]: row["value"] for row in found.characteristics.to_pylist()}
    assert values == SIZES | {"N1": 21, "N2": 130, "N3": 41, "N4": 60}
    assert found.findings.to_pylist() == []


def test_a_network_with_the_code_of_a_practice_has_no_peers_and_a_finding() -> None:
    found = computed(NETWORKS | {"A6": "A1"}, {"A1": "A6"})
    (finding,) = found.findings.to_pylist()
    assert (finding["rule"], finding["severity"], finding["trust_code"]) == ("ambiguous_code", "error", "A1")
    assert "register names A1 as a network, but another organisation has this code" in finding["message"]
    assert {row["trust_code"] for row in found.characteristics.to_pylist()} == {*SIZES, "N1", "N2", "N3"}


SETTINGS = {"A1": "town", "A2": "town", "A3": "sea", "A4": "sea", "A5": "sea", "A6": "town"}
"""Texts of the networks: N1 and N4 are of the town, N2 and N3 of the sea."""


def peers_of_networks(further: Sequence[dict[str, Any]], **settings: Any) -> dict[str, str]:
    method = METHOD.model_copy(update={"peer_groups": {"near": NEAR.model_copy(update=settings)}})
    found = computed(NETWORKS, {"A1": "A6"}, method, further)
    return {row["trust_code"]: row["peer_code"] for row in found.peers.to_pylist() if row["trust_code"][0] == "N"}


def test_networks_are_candidates_by_the_text_that_their_practices_share() -> None:
    """Candidates are N2 with 130 and N3 with 41."""
    candidates = Alike(measure="list.setting", only=("sea",))
    pairs = {"N1": "N3", "N2": "N3", "N3": "N2", "N4": "N3"}
    assert peers_of_networks(rows("setting", SETTINGS), candidates=candidates) == pairs


def test_networks_are_preferred_by_the_texts_that_their_practices_share() -> None:
    """Without a preference the peers are N3, N4, N4 and N3. N1 and N3 are of one kind, and no two others."""
    kinds = {"A1": "old", "A2": "old", "A3": "new", "A4": "new", "A5": "old", "A6": "odd"}
    texts = [*rows("setting", SETTINGS), *rows("kind", kinds)]
    prefer = Preference(measure="list.setting", among=3)
    assert peers_of_networks(texts, prefer=prefer) == {"N1": "N4", "N2": "N3", "N3": "N2", "N4": "N1"}
    by_kind = Preference(measure="list.setting", only=("lake",), among=3, then=(Alike(measure="list.kind"),))
    assert peers_of_networks(texts, prefer=by_kind) == {"N1": "N3", "N2": "N4", "N3": "N1", "N4": "N3"}


def test_a_newer_year_of_networks_alone_leaves_practices_the_peers_of_their_own_newest_year() -> None:
    days = {"period_start": date(2025, 1, 1), "period_end": date(2025, 12, 31), "period": "2025"}
    newer = [row | days for row in rows("patients", {"N1": 5.0, "N2": 6.0})]
    found = computed(NETWORKS, {"A1": "A6"}, METHOD, newer).peers.to_pylist()
    pairs = {row["trust_code"]: (row["peer_code"], row["period"]) for row in found if row["group_id"] == "near"}
    assert pairs == {
        "A1": ("A2", "2024"), "A2": ("A1", "2024"), "A3": ("A5", "2024"), "A4": ("A6", "2024"), "A5": ("A3", "2024"),
        "A6": ("A5", "2024"), "N1": ("N2", "2025"), "N2": ("N1", "2025"),
    }  # fmt: skip
