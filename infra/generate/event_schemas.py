"""JSON schemas of the events on the bus, committed beside the template: `python -m infra.generate.event_schemas` writes
them."""

import json

from infra.template import ROOT
from shared.events import SOURCE, Event

COMMITTED = ROOT / "infra" / "generate" / "events.schema.json"


def event_schemas() -> str:
    """One JSON Schema document: an event as EventBridge carries it, each detail-type with its detail."""
    details = {name: event.model_json_schema() for name, event in sorted(Event.NAMES.items())}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
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


if __name__ == "__main__":
    COMMITTED.write_text(event_schemas(), "utf-8")
