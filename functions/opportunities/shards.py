"""Shards: some metrics' shards of a release, computed in a call of its own when one call cannot compute them all.

A state machine calls it for each item of a plan. Shards are named by what they are made of, so that a repeated or a
crashed call changes nothing.
"""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, ConfigDict

from functions.opportunities.estimate.estimate import MissingShards
from functions.opportunities.inputs import read_inputs, shown
from functions.opportunities.kept.series import KeptSeries
from shared import keys
from shared.aws.observability import flushed, logger, noted
from shared.aws.settings import PartsSettings
from shared.aws.store import Store
from shared.events import PeersComputed
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.releases.channels import read_pointer

OF_ONE_CALL = 8
"""An item of a plan has an eighth of what one call computes itself."""


class Item(BaseModel):
    """The metrics of a release that one call computes."""

    model_config = ConfigDict(frozen=True)

    computed: PeersComputed
    metrics: tuple[str, ...]


def items(computed: PeersComputed, values: Mapping[str, int], method: Method, most: int) -> list[Item]:
    """A plan for missing values (metric → how many). An item has at most so many, or one metric with more.

    Metrics of the same datasets follow each other, since a call reads the files of all its metrics.
    """

    def datasets(name: str) -> list[str]:
        return sorted({measure.partition(".")[0] for measure in method.metrics[name].measures()})

    together: list[list[str]] = []
    size = 0
    for name in sorted(values, key=lambda name: (datasets(name), name)):
        if not together or size + values[name] > most:
            together.append([])
            size = 0
        together[-1].append(name)
        size += values[name]
    return [Item(computed=computed, metrics=tuple(names)) for names in together]


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Lambda entry point: one item of a plan. It does nothing if another release was published meanwhile."""
    item = Item.model_validate(event)
    logger.append_keys(channel=item.computed.channel, snapshot_id=item.computed.snapshot_id)
    with flushed(), noted():
        return {"shards": compute_item(Store(PartsSettings.from_env().data_bucket), item)}


def compute_item(data: Store, item: Item) -> int:
    """Compute and keep the shards of an item; how many. 0 if its channel has a newer release since."""
    computed = item.computed
    if read_pointer(data, computed.channel)[1] != computed.pointer_etag:
        logger.info("superseded", metrics=item.metrics)
        return 0
    snapshot = data.read_model(Snapshot, keys.snapshot(computed.snapshot_id))
    inputs = read_inputs(data, snapshot, computed.peers_id)
    kept = KeptSeries(data, shown(data))
    MissingShards(inputs.facts, inputs.peers, inputs.method, kept, item.metrics).compute()
    logger.info("shards", metrics=item.metrics, computed=kept.computed, of=kept.shards)
    return kept.computed
