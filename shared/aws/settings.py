"""Each function's settings: one frozen model, built from an environment given to it, never read at import."""

import os
from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import HeadroomError


class BadSettings(HeadroomError):
    """The environment lacks a variable or holds an unusable one; the message names it."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Read the model's variables from `environ` (the process's own where none is given)."""
        try:
            return cls.model_validate(dict(os.environ if environ is None else environ))
        except ValidationError as error:
            named = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
            raise BadSettings(f"{cls.__name__} cannot be read from the environment: {named}") from None


class IngestSettings(_Settings):
    """What ingest is told."""

    incoming_bucket: str = Field(alias="INCOMING_BUCKET")
    landing_bucket: str = Field(alias="LANDING_BUCKET")
    data_bucket: str = Field(alias="DATA_BUCKET")
    event_bus: str = Field(alias="EVENT_BUS")


class PeersSettings(_Settings):
    """What peers is told. `build` is a number that grows with each deployment."""

    landing_bucket: str = Field(alias="LANDING_BUCKET")
    data_bucket: str = Field(alias="DATA_BUCKET")
    event_bus: str = Field(alias="EVENT_BUS")
    ingest_queue_url: str = Field(alias="INGEST_QUEUE_URL")
    build: int = Field(alias="BUILD")


class OpportunitiesSettings(_Settings):
    """What opportunities is told."""

    data_bucket: str = Field(alias="DATA_BUCKET")
    event_bus: str = Field(alias="EVENT_BUS")
    build: int = Field(alias="BUILD")


class ApiSettings(_Settings):
    """What the API is told: where forms put files, where files are landed, where the data are, how many seconds a
    pointer may be remembered, and whether reading takes no token."""

    incoming_bucket: str = Field(alias="INCOMING_BUCKET")
    landing_bucket: str = Field(alias="LANDING_BUCKET")
    data_bucket: str = Field(alias="DATA_BUCKET")
    pointer_seconds: float = Field(default=2.0, alias="POINTER_SECONDS")
    open_read: bool = Field(default=False, alias="OPEN_READ")
