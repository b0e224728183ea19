"""JSON schemas of the events on Headroom's bus."""

import json

from infra.generate.parts import MARK
from infra.template import ROOT
from shared.events import SOURCE, Event

COMMITTED = ROOT / "infra" / "generate" / "events.schema.json"


def event_schemas() -> str:
    """One JSON Schema document: an event as EventBridge carries it, each detail-type with its detail."""
    details = {name: event.model_json_schema() for name, event in sorted(Event.NAMES.items())}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"{MARK} from shared/events.py.",
        "title": "Events on Headroom's bus",
        "oneOf": [
            {
                "type": "object",
                "properties": {"source": {"const": SOURCE}, "detail-type": {"const": name}, "detail": detail},
                "required": ["source", "detail-type", "detail"],
            }
            for name, detail in details.items()
        ],
    }
    return json.dumps(document, indent=2) + "\n"
