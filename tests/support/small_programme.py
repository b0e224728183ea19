"""A little programme for the tests of estimate: a method from settings, facts and peers from rows."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pandas as pd
import pyarrow as pa

from shared.facts.facts import Facts
from shared.method.load import from_documents
from shared.method.method import Document, Method
from shared.tables import CURATED, PEERS
from tests.oracles.opportunities import Fact, Pair
from tests.support.pipeline.estimated import Estimate, estimate

YEAR = (date(2020, 4, 1), date(2021, 3, 31))
LABEL = "2020-21"
NUMBERS = ("cost", "area", "other", "target")

PROGRAMME: dict[str, Any] = {
    "id": "little",
    "name": "Little",
    "description": "For tests.",
    "currency": "GBP",
    "organisation": {"one": "trust", "many": "trusts"},
    "year_starts": 4,
    "peer_group": "kind",
    "population": {
        "pattern": r"^T\d\d$",
        "excluded": {"T99": "is somebody else's"},
        "trust_register": {
            "dataset": "register", "name": "name", "opened": "opened", "closed": "closed",
            "attributes": [
                {"id": "region", "measure": "region", "title": "Region"},
                {"id": "icb", "measure": "icb", "title": "Board"},
            ],
            "trust_where": {"measure": "region", "pattern": "^Y"},
        },
        "successors": {"dataset": "heirs", "successor": "heir"},
        "trust_type": ["estate.kind"],
    },
}  # fmt: skip

GROUPS: dict[str, Any] = {
    name: {"kind": kind, "title": name, "explanation": name, "source": "a test", **more}
    for name, kind, more in (
        ("near", "landed_list", {"measure": "lists.peer", "list": "near"}),
        ("kind", "same_attribute", {"attribute": "estate.kind"}),
        ("all_trusts", "national", {}),
    )
}

PRICES = {
    "piece": {
        "title": "A piece",
        "value": 4,
        "unit": "GBP",
        "price_year": "2020",
        "source": "A",
        "status": "published",
    },
    "wte": {"title": "WTE", "value": 50, "unit": "GBP", "price_year": "2020", "source": "B", "status": "illustrative"},
}

OVERLAP_GROUPS = {"estates": {"title": "Estates", "explanation": "The same buildings."}}

METRIC: dict[str, Any] = {
    "title": "Cost per area",
    "numerator": ["estate.cost"],
    "denominator": ["estate.area"],
    "unit": "GBP per m2",
    "numerator_unit": "GBP",
    "denominator_unit": "m2",
    "direction": "lower_is_better",
    "plausibility": {"minimum": -1_000_000},
}

OPPORTUNITY: dict[str, Any] = {
    "title": "Cost",
    "category": "estates",
    "what": "a",
    "why": "b",
    "explanation": "c",
    "metric": "cost",
    "comparator": "near",
    "lower": {"rule": "median"},
    "upper": {"rule": "quantile", "q": 0.25},
    "unit": "GBP",
    "native": "cash",
    "cash": {"unit": "GBP"},
    "overlap_group": "estates",
    "sources": ["a test"],
}


SITE = {"heading": "site", "called": "site", "plural": "sites", "name": "site_name"}


def method(
    metrics: Mapping[str, Mapping[str, Any]] | None = None, opportunities: Mapping[str, Mapping[str, Any]] | None = None
) -> Method:
    """METRIC and OPPORTUNITY with other settings, by id; one of each, called `cost`, if nothing is given."""

    def dataset(name: str, kind: str, numbers: Iterable[str], texts: Iterable[str], **more: Any) -> Document:
        measures = {n: {"heading": n, "unit": "GBP"} for n in numbers} | {
            t: {"heading": t, "type": "text"} for t in texts
        }
        head = {"id": name, "title": name, "source": "a test", "licence": "none"}
        content = head | {"period": {"kind": kind}, "code": {"heading": "code"}, "measures": measures} | more
        return Document(f"datasets/{name}.yaml", {"dataset": content})

    return from_documents(
        [
            Document("programme.yaml", {"programme": PROGRAMME}),
            dataset("estate", "financial_year", NUMBERS, ["kind", "name"]),
            dataset("monthly", "month", ["lost", "held"], []),
            dataset("sites", "financial_year", NUMBERS, ["site_name"], unit=SITE),
            dataset("wards", "month", NUMBERS, [], unit=SITE | {"name": None}),
            dataset("register", "year", [], ["name", "region", "icb", "opened", "closed"]),
            dataset("heirs", "year", [], ["heir"]),
            dataset("lists", "name", [], ["peer"]),
            Document("peer_groups.yaml", {"peer_groups": GROUPS}),
            Document("prices.yaml", {"prices": PRICES}),
            Document("overlap_groups.yaml", {"overlap_groups": OVERLAP_GROUPS}),
            Document("metrics.yaml", {"metrics": {k: METRIC | v for k, v in (metrics or {"cost": {}}).items()}}),
            Document(
                "opportunities.yaml",
                {"opportunities": {k: OPPORTUNITY | v for k, v in (opportunities or {"cost": {}}).items()}},
            ),
        ]
    )


def figures(
    measure: str, values: Mapping[str, float | str], dataset: str = "estate", days: tuple[date, date] = YEAR
) -> list[Fact]:
    """One measure of several trusts; a text is a state (`missing`, …)."""
    label = LABEL if days == YEAR else f"{days[0]:%Y-%m}"
    return [
        Fact(dataset, code, *days, measure, value, label=label)
        if isinstance(value, str)
        else Fact(dataset, code, *days, measure, "value", float(value), label=label)
        for code, value in values.items()
    ]


def texts(
    measure: str, values: Mapping[str, str], dataset: str = "estate", days: tuple[date, date] = YEAR
) -> list[Fact]:
    label = LABEL if days == YEAR else f"{days[0]:%Y}"
    return [Fact(dataset, code, *days, measure, "value", None, text, label) for code, text in values.items()]


def registered(*codes: str, region: str = "Y1") -> list[Fact]:
    """Rows of the register."""
    days = (date(2025, 1, 1), date(2025, 12, 31))
    names = texts("name", {code: f"Trust {code}" for code in codes}, "register", days)
    return names + texts("region", dict.fromkeys(codes, region), "register", days)


def facts_of(rows: Iterable[Fact], rules: Method | None = None) -> Facts:
    """Facts as if landed and read; `rules` say which datasets have units."""
    frames: dict[str, list[dict[str, Any]]] = {}
    for number, row in enumerate(rows, 1):
        values = (
            row.code,
            row.unit,
            row.start,
            row.end,
            row.measure,
            row.value,
            row.text,
            row.state,
            number,
            None,
            row.label,
        )
        entry = dict(zip([*CURATED.names, "period"], values, strict=True))
        frames.setdefault(row.dataset, []).append(entry)
    tables = {name: pd.DataFrame(entries).astype({"value": float}) for name, entries in frames.items()}
    return Facts(tables, rules.datasets if rules else None)


def peers_of(pairs: Iterable[Pair]) -> pa.Table:
    """The table of peers, with what estimate has no use for left null."""
    rows = [
        {"group_id": p.group, "trust_code": p.trust, "peer_code": p.peer, "role": p.role, "period": p.period}
        for p in pairs
    ]
    return pa.Table.from_pylist(rows, schema=PEERS)


def everyone_near(codes: Iterable[str]) -> list[Pair]:
    """Each a peer of each, itself included as some published lists have it."""
    held = list(codes)
    return [Pair("near", trust, peer) for trust in held for peer in held]


def run(rows: Iterable[Fact], pairs: Iterable[Pair], rules: Method) -> Estimate:
    return estimate(facts_of(rows, rules), peers_of(pairs), rules)


def opportunity_rows(found: Estimate) -> dict[tuple[str, str], dict[str, Any]]:
    """(trust, opportunity) → row."""
    return {(row["trust_code"], row["opportunity_id"]): row for row in found.opportunities.to_pylist()}


CODES = [f"T0{number}" for number in range(1, 8)]
AREA = figures("area", dict.fromkeys(CODES, 10))
TEN_TO_SEVENTY = figures("cost", {code: 100 * number for number, code in enumerate(CODES, 1)}) + AREA
"""Values of 10, 20, … 70 GBP per m2, each on 10 m2."""

ALIKE = [Pair("kind", one, other, "peer", LABEL) for one in CODES for other in CODES if one != other]


def target(**rule: Any) -> dict[str, Any]:
    """Settings of an opportunity against a target."""
    return {"comparator": "target", "lower": None, "upper": {"rule": "target", **rule}}


def rows_of(
    facts: list[Fact],
    metric: dict[str, Any] | None = None,
    opportunity: dict[str, Any] | None = None,
    pairs: list[Pair] | None = None,
) -> dict[str, dict[str, Any]]:
    """Trust → row of the one opportunity."""
    rules = method({"cost": metric or {}}, {"cost": opportunity or {}})
    found = run(facts, everyone_near(CODES) if pairs is None else pairs, rules)
    return {trust: row for (trust, _), row in opportunity_rows(found).items()}


def with_cost(trust: str, cell: float | str) -> list[Fact]:
    return [*TEN_TO_SEVENTY, *figures("cost", {trust: cell})]
