"""Work that is too large for one call: a state machine calls a function for each of its items, several at a time."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import BaseModel

from shared import keys
from shared.aws.store import Store, client, translate
from shared.content import digest, to_json

TRIES = 4
"""How many executions a pointer has in an hour: a fault that stays must not cost more and more."""

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

        While an execution for the same pointer of the channel runs, newer files start no other: what it publishes makes
        peers look again. One that ended without that is started again, a few times in an hour, with what is then still
        missing.
        """
        body = to_json([item.model_dump(mode="json") for item in items], indent=None)
        plan = keys.plan(digest(body))
        self._data.put(plan, body)
        given = to_json(self._about | {"plan": plan, "message": message}, indent=None).decode()
        name = f"{of}-{now:%Y%m%dT%H}-{digest(pointer_etag or '')}"
        return any(self._begins(f"{name}-{nth}", given) for nth in self._ended(name))

    def _ended(self, name: str) -> Iterator[int]:
        """The numbers of executions up to the first that runs or was not started yet."""
        for nth in range(TRIES):
            yield nth
            arn = self._machine.replace(":stateMachine:", ":execution:") + f":{name}-{nth}"
            if self._call("describe_execution", executionArn=arn)["status"] == "RUNNING":
                return

    def _begins(self, name: str, given: str) -> bool:
        try:
            self._call("start_execution", stateMachineArn=self._machine, name=name, input=given)
        except ClientError as error:
            if error.response["Error"]["Code"] != _EXISTS:
                raise
            return False
        return True

    def _call(self, operation: str, **parameters: str) -> Any:
        try:
            return getattr(self._client, operation)(**parameters)
        except (ClientError, BotoCoreError) as error:
            raise translate(error, operation) from error
