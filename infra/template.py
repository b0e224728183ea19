"""template.yaml as CloudFormation sees it: read, expanded, and its wiring picked out."""

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


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short tags, on a class of its own so that no other reader learns them."""


_Loader.add_multi_constructor("!", intrinsics_multi_constructor)


def load(path: Path = TEMPLATE) -> Template:
    """The template as written, short tags spelt out."""
    parsed: Template = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
    return parsed


def expand(template: Template, parameters: Mapping[str, str] | None = None) -> Template:
    """What the SAM transform makes of it. The code is a placeholder: functions run from the checkout."""
    source = copy.deepcopy(template)
    source["Globals"]["Function"]["CodeUri"] = "s3://code/built.zip"
    values = {name: str(spec.get("Default", "")) for name, spec in source.get("Parameters", {}).items()}
    session = boto3.Session(region_name=REGION)
    translator = Translator({}, Parser(), boto_session=session)
    expanded: Template = translator.translate(source, parameter_values=values | dict(parameters or {}))
    translator.metrics.publish()  # to nobody; unpublished ones are complained of when they are collected
    return expanded


def of_type(template: Template, kind: str) -> dict[str, Any]:
    """Logical id → properties of every resource of one type, in the template's order."""
    return {
        name: resource.get("Properties", {})
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def references(node: Any) -> Iterator[str]:
    """Logical ids and parameters that a piece of the template refers to."""
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
