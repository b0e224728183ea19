"""The keys of sessions: when they are read, for how long they are kept, and what is no key."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.aws.secrets import Secret
from shared.aws.store import Missing
from shared.errors import Transient

NEW, OLD = "n" * 32, "o" * 32


class Secrets:
    """Secrets Manager, as far as one secret needs it."""

    def __init__(self, **stages: str) -> None:
        self.stages, self.asked, self.fault = stages, 0, ("ResourceNotFoundException", 400)

    def get_secret_value(self, SecretId: str, VersionStage: str) -> dict[str, Any]:  # noqa: N803
        self.asked += 1
        if VersionStage in self.stages:
            return {"SecretString": self.stages[VersionStage]}
        code, status = self.fault
        raise ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "GetSecretValue")


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_the_current_key_comes_first_and_the_previous_one_is_there_once_it_was_rotated() -> None:
    assert Secret("s", Secrets(AWSCURRENT=NEW)).values(600) == (NEW.encode(),)
    assert Secret("s", Secrets(AWSCURRENT=NEW, AWSPREVIOUS=OLD)).values(600) == (NEW.encode(), OLD.encode())


def test_keys_are_read_when_they_are_needed_and_kept_for_as_long_as_they_may_be_old() -> None:
    secrets, clock = Secrets(AWSCURRENT=OLD), Clock()
    secret = Secret("s", secrets, clock)
    assert secrets.asked == 0
    secret.values(600)
    secrets.stages = {"AWSCURRENT": NEW, "AWSPREVIOUS": OLD}
    clock.now += 600
    assert secret.values(600) == (OLD.encode(),)
    assert secrets.asked == 2
    clock.now += 1
    assert secret.values(600) == (NEW.encode(), OLD.encode())
    secrets.stages = {"AWSCURRENT": "m" * 32}
    clock.now += 31
    assert secret.values(30) == (b"m" * 32,)


def test_without_a_current_key_there_is_none() -> None:
    with pytest.raises(Missing):
        Secret("s", Secrets(AWSPREVIOUS=OLD)).values(600)


def test_a_service_that_does_not_answer_is_asked_again_later() -> None:
    secrets = Secrets()
    secrets.fault = ("InternalServiceError", 500)
    with pytest.raises(Transient):
        Secret("s", secrets).values(600)


def test_a_key_that_could_be_guessed_is_none() -> None:
    with pytest.raises(ValueError, match="shorter than 32 bytes"):
        Secret("s", Secrets(AWSCURRENT="n" * 31)).values(600)
