"""Small stand-ins for the functions, so that the local stack can be tested by itself."""

import json
import os
from typing import Any

from shared.aws.bus import Bus
from shared.aws.store import Store, client
from shared.events import FileCurated, PeersComputed, RecomputeRequested


def key_of(record: dict[str, Any]) -> str:
    key: str = json.loads(record["body"])["detail"]["object"]["key"]
    return key


def ingest(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Says FileCurated for every key; `fails…` fails its message, `raises…` the batch, `confused…` the response."""
    failed = []
    for record in event["Records"]:
        key = key_of(record)
        if key.startswith("raises"):
            raise RuntimeError(f"cannot read {key}")
        if key.startswith("fails"):
            failed.append(record["messageId"])
        elif key.startswith("confused"):
            failed.append("a message nobody sent")
        else:
            Bus(os.environ["EVENT_BUS"]).emit(FileCurated(landing_key=key, version_id="1", dataset="d", file_id="f"))
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def peers(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Reads a pointer that is not there, lists, writes, asks ingest for a key, says PeersComputed."""
    data = Store(os.environ["DATA_BUCKET"])
    found = data.find("channels/current.json")
    data.put("peers/1.parquet", str(len(event["Records"])).encode())
    computed = PeersComputed(channel="current", pointer_etag=found and found.etag, snapshot_id="s", peers_id="p")
    Bus(os.environ["EVENT_BUS"]).emit(computed)
    return {"batchItemFailures": []}


def opportunities(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Publishes the first time, by compare-and-swap."""
    data = Store(os.environ["DATA_BUCKET"])
    if data.find("channels/current.json") is None:
        data.swap("channels/current.json", b"{}", None)
    return {"batchItemFailures": []}


def restless(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Asks for itself again, for ever."""
    Bus(os.environ["EVENT_BUS"]).emit(RecomputeRequested(reason="again"))
    return {"batchItemFailures": []}


def greedy(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Does what no role allows: opportunities may not write a receipt."""
    client("s3").put_object(Bucket=os.environ["DATA_BUCKET"], Key="receipts/x.json", Body=b"")
    return {"batchItemFailures": []}


def api(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Tells the request and the environment back; `/breaks` raises."""
    if event["rawPath"] == "/breaks":
        raise RuntimeError("broken")
    told = {"event": event, "environment": dict(os.environ), "milliseconds": context.get_remaining_time_in_millis()}
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(told)}
