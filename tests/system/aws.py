"""As much of the AWS command line as the runbook uses, on boto3: what its commands send and print.

With ONLY_CHECK in the environment a command is held against the service's description, and not sent.
"""

import os
import sys
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import boto3
import jmespath
from botocore import xform_name
from botocore.validate import validate_parameters


def main(arguments: Sequence[str]) -> None:
    """Run one command."""
    service, operation, *rest = arguments
    if service == "s3":
        _s3(operation, *rest)
        return
    client: Any = boto3.client("s3" if service == "s3api" else service)  # type: ignore[call-overload]
    name = next(one for one in client.meta.service_model.operation_names if xform_name(one, "-") == operation)
    shape = client.meta.service_model.operation_model(name).input_shape
    given = dict(zip(rest[::2], rest[1::2], strict=True))
    members = {f"--{xform_name(member, '-')}": member for member in shape.members}
    asked = {
        members[option]: int(value) if shape.members[members[option]].type_name == "integer" else value
        for option, value in given.items()
        if option not in ("--query", "--output")
    }
    if "ONLY_CHECK" in os.environ:
        validate_parameters(asked, shape)
        return
    answer = getattr(client, xform_name(name))(**asked)
    if "--query" in given:
        _print(jmespath.search(given["--query"], answer))


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
