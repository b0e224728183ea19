"""A small release made by hand, in memory: what the API's tests read. All figures are worked out in the comments."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa

from functions.api.handler import application
from functions.api.release import Releases
from infra import gateway
from shared import keys, releases, tables
from shared.releases import Pointer
from shared.store import Missing, Store, Stored

START, END = date(2019, 4, 1), date(2020, 3, 31)
RELEASE = "a" * 32

METHOD: list[list[Any]] = [
    [
        "peer_groups.yaml",
        {
            "peer_groups": {
                "recommended": {
                    "kind": "nearest",
                    "title": "Most similar trusts",
                    "explanation": "By need.",
                    "source": "here",
                },
                "estate_type": {
                    "kind": "same_attribute",
                    "title": "Same type of estate",
                    "explanation": "By type.",
                    "source": "ERIC",
                },
            }
        },
    ],
    [
        "metrics/estates.yaml",
        {
            "metrics": {
                "cleaning": {
                    "title": "Cleaning cost per occupied area",
                    "unit": "GBP per m2",
                    "direction": "lower_is_better",
                    "minimum_denominator": 1000,
                },
                "space": {"title": "Non-clinical share of space", "unit": "share", "direction": "lower_is_better"},
                "seen": {"title": "Seen share", "unit": "share", "direction": "higher_is_better"},
            }
        },
    ],
    [
        "opportunities/estates.yaml",
        {
            "opportunities": {
                "cleaning_cost": {
                    "title": "Cleaning cost",
                    "what": "Cleaning.",
                    "why": "It costs.",
                    "explanation": "Step by step.",
                    "category": "estates",
                    "metric": "cleaning",
                    "comparator": "estate_type",
                    "lower": {"rule": "median"},
                    "upper": {"rule": "quantile", "q": 0.25},
                    "native": "cash",
                    "cash": {"unit": "GBP"},
                    "activity": {"of": "cash", "divide_by": "wau", "unit": "WAU"},
                    "staff": {"of": "cash", "divide_by": "wte", "unit": "WTE"},
                    "overlap_group": "soft",
                    "sources": [],
                },
                "soft_fm_cost": {
                    "title": "Soft FM cost",
                    "what": "Hotel.",
                    "why": "It costs.",
                    "explanation": "As above.",
                    "category": "estates",
                    "metric": "cleaning",
                    "comparator": "estate_type",
                    "lower": {"rule": "median"},
                    "upper": {"rule": "quantile", "q": 0.25},
                    "native": "cash",
                    "overlap_group": "soft",
                    "sources": [],
                },
                "space_target": {
                    "title": "Non-clinical space",
                    "what": "Space.",
                    "why": "Rooms.",
                    "explanation": "Target.",
                    "category": "space",
                    "metric": "space",
                    "comparator": "target",
                    "upper": {"rule": "target", "value": 0.35},
                    "overlap_group": None,
                    "sources": [],
                },
                "seen_share": {
                    "title": "Patients seen",
                    "what": "Seen.",
                    "why": "Time.",
                    "explanation": "Best five.",
                    "category": "outpatients",
                    "metric": "seen",
                    "comparator": "national",
                    "upper": {"rule": "mean_of_best", "n": 2},
                    "native": "activity",
                    "overlap_group": None,
                    "sources": [],
                },
            }
        },
    ],
    [
        "prices.yaml",
        {
            "prices": {
                "wau": {
                    "value": 3500,
                    "unit": "GBP per WAU",
                    "price_year": "2014-15",
                    "source": "Carter review",
                    "status": "published",
                },
                "wte": {
                    "value": 50000,
                    "unit": "GBP per WTE",
                    "price_year": "2019-20",
                    "source": "a round figure",
                    "status": "illustrative",
                },
                "unused": {
                    "value": 1,
                    "unit": "GBP",
                    "price_year": "2019-20",
                    "source": "nobody",
                    "status": "illustrative",
                },
            }
        },
    ],
]

# RAA's comparators in 2019-20 are RAB to RAF: 10, 20, 30, 40, 60. Median 30; quantile 0.25 at place 1: 20.
# RAA: 500,000 / 10,000 = 50. Gaps 20 and 30; £200,000 and £300,000. RAG is implausible, RAH has no data.
CLEANING = {"RAA": 50.0, "RAB": 10.0, "RAC": 20.0, "RAD": 30.0, "RAE": 40.0, "RAF": 60.0}
# RAJ may be compared with, but was RAA's peer only the year before, and is a runner-up in 2019-20.
ELSEWHERE = {"RAJ": 70.0}
# Best two of the others, higher being better: (0.9 + 0.8) / 2 = 0.85. RAA 0.5 of 1,000: 350 more seen.
SEEN = {"RAA": 0.5, "RAB": 0.9, "RAC": 0.8, "RAD": 0.7}


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a release's table; columns not given are null."""
    schema = tables.RELEASE_TABLES[name]
    return pa.Table.from_pylist([{column: row.get(column) for column in schema.names} for row in rows], schema)


def trusts() -> list[dict[str, Any]]:
    here: list[dict[str, Any]] = [
        {
            "trust_code": f"RA{letter}",
            "trust_name": f"Saint {letter} NHS Trust",
            "region": "North" if letter < "E" else "South",
            "icb": "Q1",
            "trust_type": "ACUTE",
            "opened": date(1991, 4, 1),
            "successors": [],
            "in_register": True,
        }
        for letter in "ABCDEFGH"
    ]
    gone = {"region": "North", "icb": None, "trust_type": None, "closed": date(2018, 3, 31), "in_register": False}
    return [
        *here,
        gone | {"trust_code": "ROL", "trust_name": "Old NHS Trust", "successors": ["RAA"]},
        gone | {"trust_code": "RSP", "trust_name": "Split NHS Trust", "successors": ["RAA", "RAB"]},
    ]


def metrics() -> list[dict[str, Any]]:
    at = {"period_start": START, "period_end": END}

    def cleaning(code: str, value: float | None, status: str) -> dict[str, Any]:
        return at | {"trust_code": code, "metric_id": "cleaning", "value": value, "status": status}

    rows = [cleaning(code, value, "ok") for code, value in (CLEANING | ELSEWHERE).items()]
    rows += [cleaning("RAG", 9999.0, "implausible"), cleaning("RAH", None, "no_data")]
    rows += [
        at | {"trust_code": code, "metric_id": "seen", "value": value, "status": "ok"} for code, value in SEEN.items()
    ]
    # the year before must not be compared with
    return [*rows, cleaning("RAB", 1.0, "ok") | {"period_start": date(2018, 4, 1), "period_end": date(2019, 3, 31)}]


def peers() -> list[dict[str, Any]]:
    rows = [
        {
            "group_id": "recommended",
            "trust_code": "RAA",
            "rank": rank,
            "peer_code": code,
            "distance": float(rank),
            "variables_used": 14,
            "stability": 0.4 if rank == 2 else 0.9,
            "contributions": [("deprivation", 1.0)],
            "role": "peer" if rank < 4 else "runner_up",
            "period": "2017",
        }
        for rank, code in enumerate(("RAB", "RAC", "RAD", "RAE"), start=1)
    ]
    same = {"group_id": "estate_type", "trust_code": "RAA", "role": "peer"}
    rows += [
        same | {"peer_code": code, "period": "2019-20", "period_end": END}
        for code in ("RAB", "RAC", "RAD", "RAE", "RAF", "RAG", "RAH")
    ]
    return (
        rows
        + [
            same | {"peer_code": code, "period": "2018-19", "period_end": date(2019, 3, 31)}
            for code in ("RAB", "RAC", "RAJ")
        ]
        + [same | {"peer_code": "RAJ", "period": "2019-20", "period_end": END, "role": "runner_up"}]
    )


def opportunities() -> list[dict[str, Any]]:
    at = {"period_start": START, "period_end": END, "flags": []}
    cleaning = at | {
        "opportunity_id": "cleaning_cost",
        "category": "estates",
        "comparator": "estate_type",
        "unit": "GBP",
        "overlap_group": "soft",
    }
    raa = {"trust_code": "RAA", "trust_name": "Saint A NHS Trust"}
    return [
        cleaning
        | raa
        | {
            "status": "opportunity",
            "comparator_count": 5,
            "flags": ["check_data"],
            "value": 50.0,
            "numerator": 500_000.0,
            "denominator": 10_000.0,
            "benchmark_lower": 30.0,
            "benchmark_upper": 20.0,
            "gap_lower": 20.0,
            "gap_upper": 30.0,
            "units_lower": 200_000.0,
            "units_upper": 300_000.0,
            "cash_lower": 200_000.0,
            "cash_upper": 300_000.0,
            "activity_lower": 200_000 / 3500,
            "activity_upper": 300_000 / 3500,
            "activity_unit": "WAU",
            "staff_lower": 4.0,
            "staff_upper": 6.0,
            "rank": 2,
        },
        at
        | raa
        | {
            "opportunity_id": "soft_fm_cost",
            "category": "estates",
            "comparator": "estate_type",
            "unit": "GBP",
            "overlap_group": "soft",
            "status": "at_or_better_than_benchmark",
            "comparator_count": 5,
            "value": 50.0,
            "numerator": 500_000.0,
            "denominator": 10_000.0,
            "benchmark_lower": 60.0,
            "benchmark_upper": 55.0,
            "gap_lower": 0.0,
            "gap_upper": 0.0,
        },
        at
        | raa
        | {
            "opportunity_id": "space_target",
            "category": "space",
            "comparator": "target",
            "unit": "m2",
            "status": "opportunity",
            "flags": ["single_value"],
            "value": 0.4,
            "numerator": 4000.0,
            "denominator": 10_000.0,
            "benchmark_lower": 0.35,
            "benchmark_upper": 0.35,
            "gap_lower": 0.05,
            "gap_upper": 0.05,
            "units_lower": 500.0,
            "units_upper": 500.0,
            "cash_lower": float("nan"),
            "cash_upper": float("nan"),
            "rank": 3,
        },
        at
        | raa
        | {
            "opportunity_id": "seen_share",
            "category": "outpatients",
            "comparator": "national",
            "unit": "appointments",
            "status": "opportunity",
            "comparator_count": 3,
            "flags": ["single_value"],
            "value": 0.5,
            "numerator": 500.0,
            "denominator": 1000.0,
            "benchmark_lower": 0.85,
            "benchmark_upper": 0.85,
            "gap_lower": 0.35,
            "gap_upper": 0.35,
            "units_lower": 350.0,
            "units_upper": 350.0,
            "cash_lower": 42_000.0,
            "cash_upper": 42_000.0,
            "rank": 1,
        },
        cleaning | {"trust_code": "RAH", "trust_name": "Saint H NHS Trust", "status": "no_data", "comparator_count": 0},
        cleaning
        | {
            "trust_code": "RAG",
            "trust_name": "Saint G NHS Trust",
            "status": "implausible",
            "comparator_count": 5,
            "value": 9999.0,
        },
    ]


class MemoryStore(Store):
    """The data bucket as a dictionary. `asked` lists every object that was fetched."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []

    def get(self, key: str, version_id: str | None = None) -> Stored:
        self.asked.append(key)
        if key not in self.objects:
            raise Missing(key)
        return Stored(self.objects[key], "etag")

    def put(self, key: str, body: bytes, content_type: str = "application/octet-stream") -> None:
        self.objects[key] = body


class Service:
    """The API over a store, asked as API Gateway asks it. `now` is the clock."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.now = 0.0
        self.app = application(Releases(self.store, pointer_seconds=2.0, clock=lambda: self.now))

    def publish(self, release_id: str = RELEASE, sequence: int = 1) -> None:
        """Write the release and point at it."""
        outputs = {
            "trusts": trusts(),
            "metrics": metrics(),
            "peers": peers(),
            "opportunities": opportunities(),
            "findings": [],
        }
        releases.write(
            self.store,
            release_id,
            "m" * 32,
            1,
            json.dumps(METHOD).encode(),
            [],
            {name: table(name, rows) for name, rows in outputs.items()},
        )
        pointer = Pointer(
            channel=keys.CURRENT,
            sequence=sequence,
            release_id=release_id,
            snapshot_id="s" * 32,
            method_id="m" * 32,
            build=1,
            published_at=datetime(2025, 1, 1, tzinfo=UTC),
        )
        self.store.objects[keys.channel(keys.CURRENT)] = releases.to_json(pointer.model_dump(mode="json"))

    def get(
        self, path: str, query: dict[str, str] | None = None, method: str = "GET", **headers: str
    ) -> gateway.Response:
        """Ask; `if_none_match` and the like are headers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return gateway.response(self.app.resolve(gateway.event(method, path, query, sent), object()))
