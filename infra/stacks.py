"""Deployed stacks: found by name or stage through CloudFormation, wherever AWS_ENDPOINT_URL says."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.template import ROOT

DEAD_LETTERS = "DeadLetterQueueUrl"
"""How the outputs that name a dead-letter queue end."""

_NO_STAGE = ("version", "default")

type Clients = Callable[[str], Any]


class NoStack(Exception):
    """There is no such stack, or it cannot be asked; the message says why."""


class Deployed(NamedTuple):
    """A stack: its name, its outputs, and clients of its account."""

    name: str
    outputs: Mapping[str, str]
    client: Clients


def work_queues(outputs: Mapping[str, str]) -> list[str]:
    """URLs of the queues that feed functions, of all that a stack's outputs name."""
    return [url for name, url in outputs.items() if name.endswith("QueueUrl") and not name.endswith(DEAD_LETTERS)]


def find(stage: str | None = None, stack: str | None = None) -> Deployed:
    """The stack of that name or, failing that, of a stage of samconfig.toml."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    stages = {name: told["deploy"]["parameters"] for name, told in config.items() if name not in _NO_STAGE}
    if stage and stage not in stages:
        raise NoStack(f"there is no stage {stage!r}; say STAGE= with one of {', '.join(stages)}, or STACK=<name>.")
    name = stack or (stages[stage]["stack_name"] if stage else None)
    if not name:
        raise NoStack(f"which stack? Say STAGE= with one of {', '.join(stages)}, or STACK=<name>.")
    told = stages[stage] if stage else config["default"]["global"]["parameters"]
    region = told["region"] if stage else boto3.Session().region_name or told["region"]
    session: Any = boto3.Session(region_name=region)
    return describe(name, session.client)


def describe(name: str, client: Clients) -> Deployed:
    """A stack by its name."""
    try:
        (described,) = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    except (ClientError, BotoCoreError) as error:
        raise NoStack(f"the stack {name} cannot be asked: {error}") from None
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", ())}
    return Deployed(name, outputs, client)
