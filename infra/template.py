"""template.yaml: read, expanded as SAM does, settled by parameters, and its references."""

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import intrinsics_multi_constructor

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"
REGION = "eu-west-2"

Template = dict[str, Any]

_NOTHING = {"Ref": "AWS::NoValue"}
_BUILT = "s3://code/built.zip"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML with CloudFormation's short tags. A class of its own, since constructors are added to a class."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def load(path: Path = TEMPLATE) -> Template:
    """The template as written, short tags spelt out."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Template:
    """A template's text as written, short tags spelt out."""
    parsed: Template = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    return parsed


def expand(template: Template, parameters: Mapping[str, str] | None = None) -> Template:
    """The template after the SAM transform. Code and layer are placeholders: functions run from the checkout."""
    source = copy.deepcopy(template)
    source["Globals"]["Function"]["CodeUri"] = _BUILT
    for layer in of_type(source, "AWS::Serverless::LayerVersion").values():
        layer["ContentUri"] = _BUILT
    values = {name: str(spec.get("Default", "")) for name, spec in source.get("Parameters", {}).items()}
    session = boto3.Session(region_name=REGION)
    translator = Translator({}, Parser(), boto_session=session)
    expanded: Template = translator.translate(source, parameter_values=values | dict(parameters or {}))
    translator.metrics.publish()  # to no one: without it, the object warns when it is collected
    return expanded


def of_type(template: Template, kind: str) -> dict[str, Any]:
    """Logical id → properties of every resource of one type, in the template's order."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def settled(template: Template, parameters: Mapping[str, str] | None = None) -> Template:
    """The template settled by parameters: one side of each `Fn::If`, without resources whose condition is false."""
    defaults = {name: str(spec.get("Default", "")) for name, spec in template["Parameters"].items()}
    values = defaults | dict(parameters or {})
    conditions = {name: _is_true(name, template, values) for name in template.get("Conditions", {})}
    result: Template = _settled(template, conditions)
    return result


def _settled(node: Any, conditions: Mapping[str, bool]) -> Any:
    match node:
        case {"Fn::If": [condition, then, otherwise]}:
            return _settled(then if conditions[condition] else otherwise, conditions)
        case {"Condition": str(condition)} if not conditions.get(condition, True):
            return _NOTHING
        case dict():
            members = {key: _settled(value, conditions) for key, value in node.items()}
            return {key: value for key, value in members.items() if value != _NOTHING}
        case list():
            return [value for item in node if (value := _settled(item, conditions)) != _NOTHING]
    return node


def _is_true(condition: Any, template: Template, values: Mapping[str, str]) -> bool:
    match condition:
        case str() | {"Condition": str()}:
            name = condition if isinstance(condition, str) else condition["Condition"]
            return _is_true(template["Conditions"][name], template, values)
        case {"Fn::Equals": [one, other]}:
            return _value(one, template, values) == _value(other, template, values)
        case {"Fn::And": [*others]}:
            return all(_is_true(one, template, values) for one in others)
        case {"Fn::Or": [*others]}:
            return any(_is_true(one, template, values) for one in others)
        case {"Fn::Not": [negated]}:
            return not _is_true(negated, template, values)
    raise ValueError(f"{condition} is not a condition of CloudFormation")


def _value(node: Any, template: Template, values: Mapping[str, str]) -> str:
    match node:
        case {"Ref": parameter}:
            return values[parameter]
        case {"Fn::FindInMap": [mapping, first, second]}:
            value = template["Mappings"][mapping][_value(first, template, values)][second]
            return str(value).lower() if isinstance(value, bool) else str(value)
    return str(node)


def called(template: Template, reference: Any) -> str:
    """The function that a reference names, directly or by its alias."""
    (name,) = references(reference)
    properties = template["Resources"][name]["Properties"]
    return called(template, properties["FunctionName"]) if "FunctionName" in properties else name


def references(node: Any) -> Iterator[str]:
    """Logical ids and parameters that a part of the template refers to."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "Ref":
                yield value
            elif key == "Fn::GetAtt":
                yield value[0]
            elif key == "Fn::Sub" and isinstance(value, str):
                yield from re.findall(r"\$\{(\w+)", value)
            else:
                yield from references(value)
