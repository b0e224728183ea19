"""A small release made by hand, in memory: what the API's tests read. All figures are worked out in the comments."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, get_type_hints

import numpy as np
import pyarrow as pa

from benchmarks.scale.by_metric import in_parts
from functions.api.handler import application
from functions.api.http.context import RequestContext
from functions.api.http.queries import Query
from functions.api.http.route import ApiRoute
from functions.api.release import Releases
from functions.api.routes import ROUTES
from infra.local import gateway
from shared import content, keys, tables
from shared.aws.store import Conflict, Ending, Head, Missing, Store, Stored
from shared.landed import Landed
from shared.landing.verdicts import method_rules_for
from shared.releases import channels, write
from shared.releases.channels import Pointer
from tests.support.api.programme import METHOD, OPPORTUNITIES

RELEASE, NEXT = "a" * 32, "e" * 32
NOW = datetime(2025, 1, 31, 23, 0, tzinfo=UTC)
START, END = date(2019, 4, 1), date(2020, 3, 31)  # 366 days
BEFORE = {"period_start": date(2018, 4, 1), "period_end": date(2019, 3, 31)}
AT = {"period_start": START, "period_end": END}

Rows = list[dict[str, Any]]

# RAA's comparators in 2019-20 are RAB to RAF: 10, 20, 30, 40, 60. Median 30; quantile 0.25 at place 1: 20.
# RAA: 500,000 / 10,000 = 50. Gaps 20 and 30; £200,000 and £300,000. RAG is implausible, RAH has no data.
# RAJ may be compared with, but was RAA's peer only the year before, and is a runner-up in 2019-20.
CLEANING = {"RAA": 50.0, "RAB": 10.0, "RAC": 20.0, "RAD": 30.0, "RAE": 40.0, "RAF": 60.0, "RAJ": 70.0}
# Best two of the others, higher being better: (0.9 + 0.8) / 2 = 0.85. RAA 0.5 of 1,000: 350 more seen.
SEEN = {"RAA": 0.5, "RAB": 0.9, "RAC": 0.8, "RAD": 0.7}
# Peers RAB, RAC, RAD: median 0.04, quantile 0.25 at place 0.5: 0.035. RAA 0.06 of 366,000 days: 7,320 and 9,150 days,
# 20 and 25 WTE, £1,000,000 and £1,250,000 a year. RAE is a runner-up.
SICKNESS = {"RAA": 0.06, "RAB": 0.05, "RAC": 0.04, "RAD": 0.03, "RAE": 0.01}
# The others' mean is 8 and their quantile 0.25 is 10: the rules cross. RAA 12 per £100 of £1,000,000: £20,000, £40,000.
FINANCE = {"RAA": 12.0, "RAB": 0.0, "RAC": 10.0, "RAD": 10.0, "RAE": 10.0, "RAF": 10.0}


def table(name: str, rows: Rows) -> pa.Table:
    """Rows as a release's table; columns not given are null."""
    schema = tables.RELEASE_TABLES[name]
    return pa.Table.from_pylist([{column: row.get(column) for column in schema.names} for row in rows], schema)


def trusts() -> Rows:
    here: Rows = [
        {
            "trust_code": f"RA{letter}", "trust_name": f"Saint {letter}'s NHS Trust",
            "attributes": {"region": "North" if letter < "E" else "S", "icb": "Q1"}, "trust_type": "ACUTE",
            # One that lives on may have handed over a part of what it did.
            "opened": date(1991, 4, 1), "successors": ["RAB"] if letter == "H" else [], "in_register": True,
        }
        for letter in "ABCDEFGH"
    ]  # fmt: skip
    gone = {"attributes": {"region": "North"}, "closed": date(2018, 3, 31), "in_register": False}
    return [
        *here,
        gone | {"trust_code": "ROL", "trust_name": "Old NHS Trust", "successors": ["RAA"]},
        gone | {"trust_code": "RSP", "trust_name": "Split NHS Trust", "successors": ["RAA", "RAB"]},
        gone | {"trust_code": "RZZ", "successors": ["RNO"]},  # whose successor has nothing in this release
    ]


def metrics() -> Rows:
    def held(metric: str, values: dict[str, float]) -> Rows:
        return [
            AT | {"trust_code": code, "metric_id": metric, "value": value, "denominator": 1e6, "status": "ok"}
            for code, value in values.items()
        ]

    def not_used(code: str, value: float | None, status: str) -> Rows:
        return [AT | {"trust_code": code, "metric_id": "cleaning", "value": value, "status": status}]

    return [
        *held("cleaning", CLEANING), *not_used("RAG", 9999.0, "implausible"), *not_used("RAH", None, "no_data"),
        *held("seen", SEEN), *held("sickness", SICKNESS), *held("finance", FINANCE),
        *held("medicines", {"RAA": 9.0, "RAB": 8.0}),
        {**BEFORE, "trust_code": "RAB", "metric_id": "cleaning", "value": 1.0, "denominator": 1e6, "status": "ok"},
    ]  # fmt: skip


_QUARTILES = (("lower", 0.25), ("upper", 0.75))


def distribution(of: Rows) -> Rows:
    """How the comparable values among rows of metrics are spread, by NumPy."""
    spans: dict[tuple[Any, ...], list[float]] = {}
    for row in of:
        if row["status"] == "ok":
            name = (row["metric_id"], row["period_start"], row["period_end"], row.get("level"))
            spans.setdefault(name, []).append(row["value"])
    rows: Rows = []
    for (metric, start, end, level), values in spans.items():
        row = {"metric_id": metric, "period_start": start, "period_end": end, "level": level, "count": len(values)}
        row |= {f"decile_{nth}": float(np.quantile(values, nth / 10)) for nth in range(1, 10)}
        row |= {"smallest": min(values), "largest": max(values), "mean": float(np.mean(values))}
        rows.append(row | {f"{name}_quartile": float(np.quantile(values, q)) for name, q in _QUARTILES})
    return rows


def peers() -> Rows:
    nearest = {"group_id": "recommended", "trust_code": "RAA", "variables_used": 2, "period": "2017"}
    ranked = [
        {
            **nearest, "rank": rank, "peer_code": code, "distance": rank / 2, "stability": 0.4 if rank == 2 else 0.9,
            "contributions": [("deprivation", 0.25), ("urban", 0.75)], "role": "peer" if rank < 4 else "runner_up",
            "period_end": date(2017, 12, 31),
        }
        for rank, code in enumerate(("RAB", "RAC", "RAD", "RAE"), start=1)
    ]  # fmt: skip
    each_other = {"group_id": "each_other", "period": "2017", "period_end": date(2017, 12, 31), "distance": 1.0}
    same = {"group_id": "estate_type", "trust_code": "RAA", "role": "peer"}
    now, earlier = {"period": "2019-20", "period_end": END}, {"period": "2018-19", "period_end": BEFORE["period_end"]}
    landed = {"group_id": "landed", "trust_code": "RAA", "role": "peer", "period": "mine"}
    return [
        *ranked,
        # A list may name the trust itself.
        *(same | now | {"peer_code": f"RA{letter}"} for letter in "ABCDEFGH"),
        *(same | earlier | {"peer_code": f"RA{letter}"} for letter in "BCJ"),
        same | now | {"peer_code": "RAJ", "role": "runner_up"},
        each_other | {"trust_code": "RAA", "rank": 1, "peer_code": "RAB", "role": "peer"},
        each_other | {"trust_code": "RAA", "rank": 2, "peer_code": "RAD", "role": "one_sided"},
        each_other | {"trust_code": "RAB", "rank": 1, "peer_code": "RAC", "role": "one_sided"},
        landed | {"peer_code": "RAF"},
    ]


# Of RAA, at nought in both, RAB to RAF are at 1 to 5 halves: the square of r / 2 is the mean of r² / 8 and 3r² / 8, a
# quarter and three quarters of it. RSP became RAA and RAB, ROL became RAA.
NEED = {"RAA": 0, "RAB": 1, "RAC": 2, "RAD": 3, "RAE": 4, "RAF": 5, "ROL": 7, "RSP": 8}
HEIRS = {"ROL": ["RAA"], "RSP": ["RAA", "RAB"]}


def characteristics() -> Rows:
    at = {"group_id": "recommended", "period": "2017", "period_end": date(2017, 12, 31), "weight": 1.0}
    of_type = {"group_id": "estate_type", "measure": "type"}
    return [
        *(
            at | {
                "trust_code": code, "measure": measure, "value": 10.0 * place, "scaled": place * share**0.5,
                "stands_for": HEIRS.get(code, [code]),
            }
            for code, place in NEED.items()
            for measure, share in (("deprivation", 1 / 8), ("urban", 3 / 8))
        ),
        *(
            of_type | {"trust_code": f"RA{letter}", "attribute": kind, "period": period}
            for period, kinds in (("2018-19", "AAABBBBBBA"), ("2019-20", "AAAAAAAAB"))
            for letter, kind in zip("ABCDEFGHIJ", kinds, strict=False)
        ),
    ]  # fmt: skip


def ends(name: str, lower: float, upper: float) -> dict[str, float]:
    return {f"{name}_lower": lower, f"{name}_upper": upper}


def worth(cash: float | None, activity: float | None = None, staff: float | None = None) -> dict[str, float | None]:
    return {"cash_per_unit": cash, "activity_per_unit": activity, "staff_per_unit": staff}


def opportunities() -> Rows:
    raa = AT | {"trust_code": "RAA", "trust_name": "Saint A's NHS Trust"}

    def found(name: str, category: str, comparator: str, unit: str, rank: int | None, **figures: Any) -> dict[str, Any]:
        told = {"opportunity_id": name, "category": category, "comparator": comparator, "unit": unit, "rank": rank}
        return raa | told | {"status": "opportunity", "overlap_group": category, "flags": []} | figures

    cleaning = found(
        "cleaning_cost", "estates", "estate_type", "GBP", 2, comparator_count=5, value=50.0, numerator=500_000.0,
        denominator=10_000.0, flags=["predecessor_form", "check_data"], **ends("benchmark", 30.0, 20.0),
        **ends("gap", 20.0, 30.0), **ends("units", 200_000.0, 300_000.0), **ends("cash", 200_000.0, 300_000.0),
        **ends("activity", 200_000 / 3500, 300_000 / 3500), **ends("staff", 4.0, 6.0), **worth(1.0, 1 / 3500, 2e-5),
        activity_unit="weighted activity units", robust_low=150_000.0, robust_high=325_000.0,
    )  # fmt: skip
    ended = ("_lower", "_upper", "_low", "_high")
    figures = {name for name in cleaning if name.endswith(ended)} | {"value", "numerator", "denominator"}
    bare = cleaning | dict.fromkeys(figures) | {"status": "no_data", "rank": None, "comparator_count": 0, "flags": []}
    return [
        cleaning,
        # Benchmarks that its comparators do not have.
        found(
            "soft_fm_cost", "estates", "estate_type", "GBP", None, status="at_or_better_than_benchmark",
            comparator_count=5, value=50.0, numerator=500_000.0, denominator=10_000.0, **ends("benchmark", 60.0, 55.0),
            **ends("gap", 0.0, 0.0), **ends("units", 0.0, 0.0), **ends("cash", 0.0, 0.0), **worth(1.0, None, 2e-5),
        ),
        # 0.4 − 0.35 of 10,000 m²; at £100 a square metre of the trust's own.
        found(
            "space_target", "space", "target", "m2", 3, flags=["single_value"], comparator_count=0, value=0.4,
            numerator=4000.0, denominator=10_000.0, **ends("benchmark", 0.35, 0.35), **ends("gap", 0.05, 0.05),
            **ends("units", 500.0, 500.0), **ends("cash", 50_000.0, 50_000.0), **worth(100.0),
        ),
        found(
            "seen_share", "outpatients", "national", "appointments", 4, flags=["single_value"], comparator_count=3,
            value=0.5, numerator=500.0, denominator=1000.0, **ends("benchmark", 0.85, 0.85), **ends("gap", 0.35, 0.35),
            **ends("units", 350.0, 350.0), **ends("activity", 350.0, 350.0), **ends("cash", 42_000.0, 42_000.0),
            activity_unit="outpatient appointments", **worth(120.0, 1.0), within_chance=False,
        ),
        found(
            "sickness_absence", "workforce", "recommended", "FTE days", 1, comparator_count=3, value=0.06,
            numerator=21_960.0, denominator=366_000.0, **ends("benchmark", 0.04, 0.035), **ends("gap", 0.02, 0.025),
            **ends("units", 7320.0, 9150.0), **ends("staff", 20.0, 25.0), **ends("cash", 1_000_000.0, 1_250_000.0),
            **worth(50_000 / 366, None, 1 / 366),
        ),
        found(
            "finance_cost", "corporate", "national", "GBP", 5, comparator_count=5, value=12.0, numerator=120_000.0,
            denominator=1_000_000.0, **ends("benchmark", 10.0, 8.0), **ends("gap", 2.0, 4.0),
            **ends("units", 20_000.0, 40_000.0), **ends("cash", 20_000.0, 40_000.0), **worth(1.0),
        ),
        # 0.4 − 0.3, its own target, of 1,000 bed days.
        found(
            "long_stays", "beds", "target", "bed days", 6, flags=["single_value"], comparator_count=0, value=0.4,
            numerator=400.0, denominator=1000.0, **ends("benchmark", 0.3, 0.3), **ends("gap", 0.1, 0.1),
            **ends("units", 100.0, 100.0), **ends("activity", 100.0, 100.0), activity_unit="bed days",
            **worth(None, 1.0),
        ),
        found(
            "medicines_spend", "medicines", "national", "GBP", None, status="not_comparable", comparator_count=1,
            flags=["single_value"], value=9.0, numerator=90.0, denominator=10.0,
        ),
        bare | {"trust_code": "RAH", "trust_name": "Saint H's NHS Trust"},
        bare | {"trust_code": "RAG", "trust_name": "Saint G's NHS Trust", "status": "implausible", "value": 9999.0},
        # RAF has no peers of its type; it is held against everyone: 10, 20, 30, 40, 50, 70. Median 35; quantile 22.5.
        cleaning | {
            "trust_code": "RAF", "trust_name": "Saint F's NHS Trust", "comparator": "national", "comparator_count": 6,
            "flags": ["fallback_national"], "value": 60.0, "numerator": 600_000.0,
            **ends("benchmark", 35.0, 22.5), **ends("gap", 25.0, 37.5), "robust_low": 200_000.0,
            "robust_high": 400_000.0,
        },
    ]  # fmt: skip


OF_RELEASE = [route for route in ROUTES if issubclass(get_type_hints(route.view)["query"], Query)]
"""What is answered from a release."""


def path_of(route: ApiRoute) -> str:
    """An address of the release above."""
    parts = {"code": "RAA", "opportunity_id": "cleaning_cost", "release_id": RELEASE, "table": "trusts", "other": "RAB"}
    parts |= {"dataset": "d", "upload_id": "u" * 32}
    return re.sub("<([a-z_]+)>", lambda part: parts[part[1]], route.path)


def trend(newest: Rows) -> Rows:
    """RAA's cleaning the year before, when it took in another trust: 45 against 10, 20 and 70; and all of today."""
    before = next(row for row in newest if row["opportunity_id"] == "cleaning_cost" and row["trust_code"] == "RAA")
    before = before | BEFORE | {"value": 45.0, "numerator": 450_000.0, "flags": [], "breaks": []}
    return [
        before | {"period_start": date(2017, 4, 1), "period_end": date(2018, 3, 31), "value": 44.0},
        before | {"breaks": ["merged", "type_changed"]},
        *(row | {"breaks": []} for row in newest),
    ]


class MemoryStore(Store):
    """The data bucket as a dictionary. `asked` lists every object that was fetched."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []

    def _get(self, key: str, version_id: str | None, largest: int | None) -> Stored:
        self.asked.append(key)
        if key not in self.objects:
            raise Missing(key)
        return Stored(self.objects[key], "etag")

    def ending(self, key: str, length: int) -> Ending:
        body = self.get(key).body
        return Ending(body[-length:], len(body))

    def part(self, key: str, start: int, length: int) -> bytes:
        return self.get(key).body[start : start + length]

    def head(self, key: str, version_id: str | None = None) -> Head:
        if key not in self.objects:
            raise Missing(key)
        return Head(NOW, {}, "etag")

    def names(self, prefix: str, after: str = "") -> Iterator[str]:
        yield from sorted(key for key in self.objects if key.startswith(prefix) and key > after)

    def history(self, prefix: str = "") -> list[Landed]:
        return [Landed(key, "v1", NOW, False) for key in self.names(prefix)]

    def written_at(self, key: str) -> datetime | None:
        return NOW if key in self.objects else None

    def upload_form(
        self, key: str, sizes: tuple[int, int], content_type: str, seconds: int, return_to: str | None = None
    ) -> tuple[str, dict[str, str]]:
        fields = {"key": key, "Content-Type": content_type}
        return "https://store.example/incoming", fields | ({"success_action_redirect": return_to} if return_to else {})

    def presigned(self, key: str, file_name: str, seconds: int = 300) -> str:
        return f"memory:{key}?as={file_name}&for={seconds}"

    def _copy(self, key: str, to: str) -> None:
        self.objects[to] = self.objects[key]

    def _put(self, key: str, body: bytes, content_type: str, **condition: Any) -> None:
        if "IfMatch" in condition and key not in self.objects:
            raise Missing(key)
        if "IfNoneMatch" in condition and key in self.objects:
            raise Conflict(key)
        self.objects[key] = body


class Service:
    """The API over a store, asked as API Gateway asks it. `now` is the clock."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.now = 0.0
        self.releases = Releases(self.store, pointer_seconds=2.0, clock=lambda: self.now)
        self.incoming, self.landing = MemoryStore(), MemoryStore()
        self.context = RequestContext(self.incoming, self.landing, self.store, lambda: NOW)
        self.app = application(self.releases, self.context, open_read=True)
        self.claims: dict[str, str] | None = None
        self.lambda_context = object()

    def publish(self, release_id: str = RELEASE, sequence: int = 1, **other: Rows) -> None:
        """Write the release, with other rows in the tables named, and point at it."""
        made = {"trusts": trusts(), "metrics": metrics(), "peers": peers(), "opportunities": opportunities()}
        made["characteristics"] = characteristics()
        made["trend"] = trend(made["opportunities"])
        made |= other
        made.setdefault("distribution", distribution(made["metrics"]))
        outputs = {name: table(name, made.get(name, [])) for name in tables.RELEASE_TABLES}
        parts = in_parts(self.store, release_id, outputs, {name: one["metric"] for name, one in OPPORTUNITIES.items()})
        write.write(self.store, release_id, "m" * 32, 1, json.dumps(METHOD).encode(), [], outputs, None, parts)
        pointer = Pointer(
            channel=keys.CURRENT,
            sequence=sequence,
            release_id=release_id,
            snapshot_id="s" * 32,
            method_id="m" * 32,
            build=1,
            published_at=datetime(2025, 1, sequence, tzinfo=UTC),
        )
        before = self.store.objects.get(keys.channel(keys.CURRENT))
        channels.remember(self.store, Pointer.model_validate_json(before) if before else None)
        self.store.objects[keys.channel(keys.CURRENT)] = content.to_json(pointer.model_dump(mode="json"))

    def preview(self) -> None:
        """Land two methods, and show a release of the second one, NEXT, in the preview channel."""
        rules = method_rules_for()
        for number, method_id in (("1", "d" * 32), ("2", "c" * 32)):
            key = f"method/{number}/method.yaml"
            self.landing.put(key, b"")
            self.store.put(keys.verdict(rules.dataset, rules.contract_id, key, "v1", method_id), b"")
        current = self.store.objects[keys.channel(keys.CURRENT)]
        self.publish(NEXT, sequence=2)
        made = Pointer.model_validate_json(self.store.objects[keys.channel(keys.CURRENT)])
        shown = made.model_copy(update={"channel": keys.PREVIEW, "method_id": "c" * 32})
        self.store.put(keys.channel(keys.PREVIEW), content.to_json(shown.model_dump(mode="json")))
        self.store.put(keys.channel(keys.CURRENT), current)
        place = {"dataset": "work", "period": "2025-01", "part": "", "landing_key": "work/2025-01/a.csv"}
        file = place | {"file_id": "f" * 32, "version_id": "v1", "landed_at": "2025-01-01T00:00:00Z"}
        self.store.put(keys.snapshot("s" * 32), json.dumps({"method_id": "d" * 32, "files": [file]}).encode())

    def get(
        self, path: str, query: dict[str, str] | None = None, method: str = "GET", body: bytes = b"", **headers: str
    ) -> gateway.Response:
        """Ask; `if_none_match` and the like are headers."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        event = gateway.event(method, path, query, sent, body, self.claims)
        return gateway.response(self.app.resolve(event, self.lambda_context))

    def post(self, path: str, body: Any, query: dict[str, str] | None = None) -> gateway.Response:
        """Send a JSON document."""
        return self.get(path, query, "POST", json.dumps(body).encode())

    def as_caller(self, name: str, *scopes: str) -> "Service":
        """From now on it is somebody who asks."""
        self.claims = gateway.claims(name, *scopes)
        return self
