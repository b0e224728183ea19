"""Draws: counts some draws of a large peer group, in a call of its own.

A state machine calls it for each item of a plan. Counts are named by what they are made of, so that a repeated or a
crashed call changes nothing.
"""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.peers.parts import DrawsPart, compute_part
from shared.aws.observability import flushed, logger, noted
from shared.aws.settings import PartsSettings
from shared.aws.store import Store


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Lambda entry point: one item of a plan."""
    part = DrawsPart.model_validate(event)
    with flushed(), noted(counts=part.counts):
        compute_part(Store(PartsSettings.from_env().data_bucket), part)
    return {"counts": part.counts}
