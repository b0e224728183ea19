"""How the template's conditions are decided by parameters."""

from typing import Any

import pytest

from infra.template import settled

YES, NO = {"Fn::Equals": [{"Ref": "Size"}, "large"]}, {"Fn::Equals": [{"Ref": "Size"}, "small"]}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (YES, True),
        (NO, False),
        ({"Fn::Not": [YES]}, False),
        ({"Fn::And": [YES, YES]}, True),
        ({"Fn::And": [YES, NO]}, False),
        ({"Fn::Or": [NO, YES]}, True),
        ({"Fn::Or": [NO, NO]}, False),
        ({"Fn::And": [{"Condition": "Other"}, {"Fn::Or": [NO, {"Fn::Not": [NO]}]}]}, True),
    ],
)
def test_condition_decides_whether_there_is_a_resource(condition: Any, holds: bool) -> None:
    template = {
        "Parameters": {"Size": {"Default": "small"}},
        "Conditions": {"Wanted": condition, "Other": YES},
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Condition": "Wanted"}},
    }
    assert ("Topic" in settled(template, {"Size": "large"})["Resources"]) is holds


def test_unknown_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="Fn::Xor"):
        settled({"Parameters": {}, "Conditions": {"Wanted": {"Fn::Xor": [YES, NO]}}, "Resources": {}})
