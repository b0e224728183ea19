"""Sends events to Headroom's event bus."""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.store import client, translate
from shared.errors import Transient
from shared.events import SOURCE, Event

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient


class Bus:
    """Headroom's event bus."""

    def __init__(self, name: str, events: "EventBridgeClient | None" = None) -> None:
        self.name = name
        self._events: EventBridgeClient = events or client("events")

    def emit(self, *events: Event) -> None:
        """Put events on the bus, ten in each call; Transient if EventBridge did not accept all of them."""
        entries = [
            {
                "EventBusName": self.name,
                "Source": SOURCE,
                "DetailType": type(event).__name__,
                "Detail": event.model_dump_json(),
            }
            for event in events
        ]
        for start in range(0, len(entries), 10):
            batch: Any = entries[start : start + 10]
            try:
                answer = self._events.put_events(Entries=batch)
            except (ClientError, BotoCoreError) as error:
                raise translate(error, "put_events") from error
            if answer["FailedEntryCount"]:
                raise Transient(f"{self.name} did not accept {answer['FailedEntryCount']} of {len(batch)} events")
