"""As much of the AWS command line as the runbook uses, on boto3: what its commands send and print.

With ONLY_CHECK in the environment a command is held against the service's description, and not sent.
"""

import json
import os
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import boto3
import jmespath
from botocore import xform_name
from botocore.validate import validate_parameters

_RENAMED = {"subscribe": {"--notification-endpoint": "Endpoint"}}
"""Options that the command line calls otherwise than the service, by operation."""


def main(arguments: Sequence[str]) -> None:
    """Run one command."""
    service, operation, *rest = arguments
    if service == "s3":
        _s3(operation, *rest)
        return
    client: Any = boto3.client("s3" if service == "s3api" else service)  # type: ignore[call-overload]
    name = next(one for one in client.meta.service_model.operation_names if xform_name(one, "-") == operation)
    shape = client.meta.service_model.operation_model(name).input_shape
    given: dict[str, list[str]] = {}
    for word in rest:
        if word.startswith("--"):
            given[word] = []
        else:
            given[list(given)[-1]].append(word)
    members = {f"--{xform_name(member, '-')}": member for member in shape.members} | _RENAMED.get(operation, {})
    asked = {
        members[option]: _value(shape.members[members[option]], words)
        for option, words in given.items()
        if option not in ("--query", "--output")
    }
    if "ONLY_CHECK" in os.environ:
        validate_parameters(asked, shape)
        if "--query" in given:
            print("checked")
        return
    answer = getattr(client, xform_name(name))(**asked)
    if "--query" in given:
        _print(jmespath.search(given["--query"][0], _with_times_as_text(answer)))


def _with_times_as_text(answer: Any) -> Any:
    """An answer as the command line queries it: times are texts there, which JMESPath can sort."""
    return json.loads(json.dumps(answer, default=lambda value: value.isoformat()))


def _value(shape: Any, words: Sequence[str]) -> Any:
    """An option's words as the service wants them; `Name=a,Value=b` is the command line's way to write a structure."""
    if shape.type_name == "list":
        return [_value(shape.member, [word]) for word in words]
    if shape.type_name == "boolean":
        return not words  # a flag
    (word,) = words
    if shape.type_name == "structure":
        return dict(pair.split("=", 1) for pair in word.split(","))
    return int(word) if shape.type_name in ("integer", "long") else word


def _print(found: Any) -> None:
    """As `--output text` does: columns by tabs, rows by lines."""
    if isinstance(found, list) and any(isinstance(one, list) for one in found):
        for one in found:
            _print(one)
    else:
        print(*found if isinstance(found, list) else [found], sep="\t")


def _s3(operation: str, *places: str) -> None:
    s3: Any = boto3.client("s3")
    (source, *target) = [
        {"Bucket": urlsplit(place).netloc, "Key": urlsplit(place).path[1:]} if place.startswith("s3://") else place
        for place in places
    ]
    match operation, source, target:
        case "cp", dict(), ["-"]:
            sys.stdout.buffer.write(s3.get_object(**source)["Body"].read())
        case "cp", str(), [dict() as there]:
            s3.upload_file(source, **there)
        case "rm", dict(), []:
            s3.delete_object(**source)
        case _:
            sys.exit(f"this is not the whole of the AWS command line: s3 {operation} {places}")


if __name__ == "__main__":
    main(sys.argv[1:])
