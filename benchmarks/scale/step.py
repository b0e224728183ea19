"""`python -m benchmarks.scale.step FOLDER STEP`: one step on the buckets in a folder, in a process of its own.

It prints its CPU seconds, peak MiB and calls as JSON. `FOLDER` has the buckets that `history` writes.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from benchmarks.harness import peak_mib
from benchmarks.scale.folder_bucket import FolderClient
from benchmarks.scale.history import DATA, LANDING, SIZE, Size, codes, curated, land_table, write_history
from functions.opportunities.estimate.estimate import TooMuch
from functions.opportunities.publish import Publisher, Shards
from functions.opportunities.shards import OF_ONE_CALL, Item, compute_item, items
from functions.peers.parts import DrawsPart, compute_part
from functions.peers.recompute import Recompute
from shared.aws import store as aws_store
from shared.aws.store import Store
from shared.content import to_json
from shared.events import PeersComputed
from shared.ids import MethodId
from shared.landing.read import read_method
from shared.method.terms import Period

BUILD = 1
_NOW = datetime(2031, 1, 1, tzinfo=UTC)
_COMPUTED, _DRAWS, _PLANNED = "computed.json", "draws.json", "planned.json"
MOST_VALUES = 500_000
"""The parameter MostValues as it is deployed."""
NEXT_MONTH = Period(date(2025, 4, 30), date(2025, 4, 1))


class Buckets:
    """The landing and the data bucket of a folder."""

    def __init__(self, folder: Path) -> None:
        self.client = FolderClient(folder)
        self.shards: Shards | None = None
        self.items: int | None = None
        # What the steps import is imported above: a module that is imported from here on would keep the replacement.
        aws_store.client = lambda service, patience=None: self.client  # type: ignore[assignment]
        self.landing, self.data = Store(LANDING), Store(DATA)


def peers(buckets: Buckets) -> None:
    """What the function peers does for one message: groups, or a plan of draws that have to be counted before."""
    recompute = Recompute(buckets.landing, buckets.data, BUILD, most=MOST_VALUES)
    computed = recompute.run()
    buckets.data.put(_COMPUTED, to_json([one.model_dump(mode="json") for one in computed]))
    parts = [part for _, parts in recompute.plans.values() for part in parts]
    buckets.data.put(_DRAWS, to_json([part.model_dump(mode="json") for part in parts]))
    buckets.items = len(parts)


def draws(buckets: Buckets, nth: int) -> None:
    """What the function draws does for an item of the plan of peers."""
    compute_part(buckets.data, DrawsPart.model_validate(json.loads(buckets.data.get(_DRAWS).body)[nth]))


def opportunities(buckets: Buckets) -> None:
    """What the function opportunities does for one message: a release, or a plan of shards that are computed before."""
    planned: list[Item] = []
    for one in json.loads(buckets.data.get(_COMPUTED).body):
        computed = PeersComputed.model_validate(one)
        publisher = Publisher(buckets.data, BUILD, MOST_VALUES)
        try:
            publisher.publish(computed, _NOW)
        except TooMuch as work:
            planned += items(computed, work.values, work.method, MOST_VALUES // OF_ONE_CALL)
        buckets.shards = publisher.shards
    buckets.data.put(_PLANNED, to_json([item.model_dump(mode="json") for item in planned]))
    buckets.items = len(planned)


def shards(buckets: Buckets, nth: int) -> None:
    """What the function shards does for an item of the plan of opportunities."""
    compute_item(buckets.data, Item.model_validate(json.loads(buckets.data.get(_PLANNED).body)[nth]))


def month(buckets: Buckets) -> None:
    """Land a new month of sickness absence."""
    (key,) = (name for name in buckets.data.names("methods/"))
    method = read_method(buckets.data, MethodId(key.removeprefix("methods/").removesuffix(".json")))
    contract = method.datasets["sickness_absence"]
    organisations = int(buckets.data.get(SIZE).body)
    table = curated("sickness_absence", contract, NEXT_MONTH, codes(organisations))
    land_table(
        buckets.landing, buckets.data, method, f"sickness_absence/{NEXT_MONTH.end:%Y-%m}/sickness_absence.csv", table
    )


STEPS: Mapping[str, Callable[[Buckets], None]] = {
    "peers": peers, "opportunities": opportunities, "month": month
}  # fmt: skip
ITEMS: Mapping[str, Callable[[Buckets, int], None]] = {"draws": draws, "shards": shards}
"""Steps for an item of a plan, which is named after a colon: `draws:0`."""


def run(folder: Path, step: str) -> dict[str, Any]:
    """Run a step and measure it. Reading modules is not part of it: a warm function has read them."""
    os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "scale")

    buckets = Buckets(folder)
    started = time.process_time()
    name, _, nth = step.partition(":")
    if nth:
        ITEMS[name](buckets, int(nth))
    else:
        STEPS[name](buckets)
    spent = time.process_time() - started
    buckets.client.save()
    return {
        "cpu": spent,
        "peak_mib": peak_mib(),
        "calls": dict(buckets.client.calls),
        "read_mib": buckets.client.read / 2**20,
        "shards": buckets.shards and buckets.shards._asdict(),
        "items": buckets.items,
    }


def write(folder: Path, size: Size) -> None:
    """Write a history into a folder."""
    buckets = Buckets(folder)
    write_history(size, buckets.landing, buckets.data)
    buckets.client.save()


if __name__ == "__main__":
    if sys.argv[2] == "write":
        write(Path(sys.argv[1]), Size(*map(int, sys.argv[3:])))
    else:
        print(json.dumps(run(Path(sys.argv[1]), sys.argv[2])))
