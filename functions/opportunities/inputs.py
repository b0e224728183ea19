"""What a release is computed from, read from the data bucket."""

from collections.abc import Mapping
from typing import NamedTuple

import pyarrow as pa

from functions.opportunities.stored_facts import StoredFacts
from shared import keys
from shared.aws.store import Store
from shared.ids import ReleaseId
from shared.keys import CHANNELS
from shared.landing.read import read_method, read_prices
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.method.prices import LandedPrice, with_landed
from shared.releases.channels import read_pointer
from shared.tables import from_bytes

MEMBERS = ("group_id", "trust_code", "peer_code", "role", "period")
"""What of the table PEERS figures are computed from."""


class Inputs(NamedTuple):
    """`method` has the landed `prices`; `peers` has the columns MEMBERS of the schema PEERS, `findings` has the schema
    FINDINGS."""

    method: Method
    prices: Mapping[str, LandedPrice]
    peers: pa.Table
    findings: pa.Table
    facts: StoredFacts


def read_inputs(data: Store, snapshot: Snapshot, peers_id: ReleaseId) -> Inputs:
    """The inputs of a snapshot's release. Missing if its peers are not computed."""
    landed = read_method(data, snapshot.method_id)
    prices = read_prices(data, snapshot, landed)
    method = with_landed(landed, prices)
    peers = from_bytes(data.get(keys.peers(peers_id)).body, MEMBERS)
    findings = data.read_table(keys.findings(peers_id))
    return Inputs(method, prices, peers, findings, StoredFacts(data, snapshot, method, findings))


def shown(data: Store) -> list[ReleaseId]:
    """The releases that readers see, whose shards may still be right."""
    pointers = (read_pointer(data, channel)[0] for channel in CHANNELS)
    return [pointer.release_id for pointer in pointers if pointer]
