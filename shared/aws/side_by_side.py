"""Work that is too large for one call: a state machine calls a function for each of its items, several at a time."""

from collections.abc import Sequence
from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from shared import keys
from shared.aws.store import Store, client, translate
from shared.content import digest, to_json

_EXISTS = "ExecutionAlreadyExists"


class SideBySide:
    """The state machine, the function that it calls for each item, and the queue that gets the message when all items
    are computed. If one fails for good, the execution fails and no message is sent."""

    def __init__(self, data: Store, state_machine: str, function: str, queue_url: str) -> None:
        self._data = data
        self._about = {"function": function, "queue": queue_url, "bucket": data.bucket}
        self._machine = state_machine
        self._client = client("stepfunctions")

    def start(self, of: str, pointer_etag: str | None, items: Sequence[BaseModel], message: str, now: datetime) -> bool:
        """Compute the items, then queue the message; whether this has begun now. `of`: a function and its channel.

        These have one execution for each pointer of the channel in an hour. While one computes, newer files start no
        other: what it publishes makes peers look again. One that failed is tried again in the next hour, with what is
        then still missing.
        """
        body = to_json([item.model_dump(mode="json") for item in items], indent=None)
        plan = keys.plan(digest(body))
        self._data.put(plan, body)
        about = self._about | {"plan": plan, "message": message}
        name = f"{of}-{now:%Y%m%dT%H}-{digest(pointer_etag or '')}"
        try:
            self._client.start_execution(
                stateMachineArn=self._machine, name=name, input=to_json(about, indent=None).decode()
            )
        except (ClientError, BotoCoreError) as error:
            if isinstance(error, ClientError) and error.response["Error"]["Code"] == _EXISTS:
                return False
            raise translate(error, "start_execution") from error
        return True
