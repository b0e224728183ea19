"""The event schemas accept what the functions and the schedule send."""

import json

import jsonschema
import pytest

from infra.generate.event_schemas import event_schemas
from infra.template import Template, of_type
from shared.events import FileCurated

SCHEMA = json.loads(event_schemas())


def test_event_as_it_is_put_on_the_bus_is_valid() -> None:
    detail = FileCurated(landing_key="a/1/f.csv", version_id="1", dataset="a", file_id="f").model_dump(mode="json")
    jsonschema.validate({"source": "headroom", "detail-type": "FileCurated", "detail": detail}, SCHEMA)


def test_what_the_schedule_sends_is_valid(template: Template) -> None:
    schedule = of_type(template, "AWS::Events::Rule")["RepairSchedule"]
    jsonschema.validate(json.loads(schedule["Targets"][0]["Input"]), SCHEMA)


def test_event_without_its_detail_is_not_valid() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"source": "headroom", "detail-type": "FileCurated", "detail": {}}, SCHEMA)
