"""Secrets of Secrets Manager: the current value and the one before it, kept for some minutes."""

import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws.store import Missing, Patience, client, translate

PATIENCE = Patience(connect=1, read=1, attempts=2)
"""Two values are read one after the other, in a request that a user waits for."""

SHORTEST = 32
"""Bytes of a secret: a shorter one could be guessed."""


class Secret:
    """One secret, which is read when it is first needed. `clock` gives seconds that never go back."""

    def __init__(
        self,
        secret_id: str,
        secrets: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._id, self._secrets, self._clock = secret_id, secrets, clock
        self._values: tuple[bytes, ...] = ()
        self._read_at = 0.0

    def values(self, seconds: float) -> tuple[bytes, ...]:
        """The current value, and the previous one if there is one, read within the last `seconds`.

        Missing or Transient if there is no current value; ValueError if one is too short for a key.
        """
        if not self._values or self._clock() - self._read_at > seconds:
            current = self._value("AWSCURRENT")
            try:
                self._values = (current, self._value("AWSPREVIOUS"))
            except Missing:  # it was never rotated
                self._values = (current,)
            self._read_at = self._clock()
        return self._values

    def _value(self, stage: str) -> bytes:
        secrets = self._secrets or client("secretsmanager", PATIENCE)
        try:
            value: bytes = secrets.get_secret_value(SecretId=self._id, VersionStage=stage)["SecretString"].encode()
        except (ClientError, BotoCoreError) as error:
            raise translate(error, f"{self._id} {stage}") from error
        if len(value) < SHORTEST:
            raise ValueError(f"the secret {self._id} is shorter than {SHORTEST} bytes")
        return value
