"""`headroom method`: a folder of method documents as the one file that is landed."""

import sys
from pathlib import Path

from infra.errors import CommandError
from shared.method.load import MethodFaults, bundle, judged, method_id, parse


class CannotWriteMethod(CommandError):
    """The file cannot be written."""

    exit_code = 2


def write_method(folder: Path, out: Path) -> int:
    """Write the file and print the key to land it under. 1, with a line for each fault and no file, if the method has
    faults; CannotWriteMethod."""
    try:
        text = bundle(folder)
        judged(parse(text))
    except MethodFaults as error:
        print("\n".join(f"headroom method: {fault}" for fault in error.faults), file=sys.stderr)
        return 1
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise CannotWriteMethod(f"{out} cannot be written: {error.strerror}; name another file.") from None
    print(f"{out}: method {method_id(text)}; land it as method/<version>/method.yaml")
    return 0
