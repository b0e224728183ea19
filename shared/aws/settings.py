"""Each function's settings, read from environment variables when the function starts, never at import."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import HeadroomError


class BadSettings(HeadroomError):
    """An environment variable is missing or not valid; the message names it."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the model's variables from `environ` (None: `os.environ`); BadSettings if one is not valid."""
        try:
            return cls.model_validate(dict(os.environ if environ is None else environ))
        except ValidationError as error:
            faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
            raise BadSettings(f"{cls.__name__} cannot be read from the environment: {faults}") from None


class IngestSettings(_Settings):
    """Settings of ingest."""

    incoming_bucket: str = Field(alias="INCOMING_BUCKET")
    landing_bucket: str = Field(alias="LANDING_BUCKET")
    data_bucket: str = Field(alias="DATA_BUCKET")
    event_bus: str = Field(alias="EVENT_BUS")


class PeersSettings(_Settings):
    """Settings of peers. `build` is a number that grows with each deployment. `most_values`: up to how many values
    (organisations × draws) one call counts the draws of a group; those of more are counted side by side by the function
    `draws_function`, which the state machine calls before it queues a message."""

    landing_bucket: str = Field(alias="LANDING_BUCKET")
    data_bucket: str = Field(alias="DATA_BUCKET")
    event_bus: str = Field(alias="EVENT_BUS")
    ingest_queue_url: str = Field(alias="INGEST_QUEUE_URL")
    build: int = Field(alias="BUILD")
    most_values: int = Field(alias="MOST_VALUES")
    state_machine: str = Field(alias="STATE_MACHINE")
    draws_function: str = Field(alias="DRAWS_FUNCTION")
    queue_url: str = Field(alias="QUEUE_URL")


class OpportunitiesSettings(_Settings):
    """Settings of opportunities. `most_values`: how many values one call computes; more are computed side by side by
    the function `shards_function`, which the state machine calls before it queues the message again."""

    data_bucket: str = Field(alias="DATA_BUCKET")
    event_bus: str = Field(alias="EVENT_BUS")
    build: int = Field(alias="BUILD")
    most_values: int = Field(alias="MOST_VALUES")
    state_machine: str = Field(alias="STATE_MACHINE")
    shards_function: str = Field(alias="SHARDS_FUNCTION")
    queue_url: str = Field(alias="QUEUE_URL")


class PartsSettings(_Settings):
    """Settings of the functions that a state machine calls for parts of what peers and opportunities compute."""

    data_bucket: str = Field(alias="DATA_BUCKET")


class ApiSettings(_Settings):
    """Settings of the API. `pointer_seconds`: for how long the current pointer is cached. `open_read`: whether reading
    needs no token. `build`: the function's version, which Lambda sets.

    People sign in with the client `people_client` of the user pool with the issuer `user_pool_issuer`, on the pages at
    `sign_in_domain`; `session_key` is the id of the secret that signs their sessions. Without these, there is no
    sign-in.
    """

    incoming_bucket: str = Field(alias="INCOMING_BUCKET")
    landing_bucket: str = Field(alias="LANDING_BUCKET")
    data_bucket: str = Field(alias="DATA_BUCKET")
    pointer_seconds: float = Field(default=2.0, alias="POINTER_SECONDS")
    open_read: bool = Field(default=False, alias="OPEN_READ")
    build: str = Field(default="", alias="AWS_LAMBDA_FUNCTION_VERSION")
    people_client: str = Field(default="", alias="PEOPLE_CLIENT_ID")
    user_pool_issuer: str = Field(default="", alias="USER_POOL_ISSUER")
    sign_in_domain: str = Field(default="", alias="SIGN_IN_DOMAIN")
    session_key: str = Field(default="", alias="SESSION_KEY_SECRET")
    sign_in_pages: str = Field(default="", alias="SIGN_IN_PAGES")

    @property
    def pages(self) -> tuple[str, ...]:
        """The addresses of the web client at which people may sign in, without a slash at their end."""
        return tuple(page.strip().rstrip("/") for page in self.sign_in_pages.split(",") if page.strip())
