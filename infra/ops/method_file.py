"""`make method OUT=file [METHOD=dir]`: a folder of method documents as the one file that is landed."""

import argparse
import sys
from pathlib import Path

from infra.template import ROOT
from shared.method.load import MethodFaults, bundle, judged, method_id, parse


def main(arguments: list[str] | None = None) -> int:
    """Write the file and say where it goes; 1 if the method has faults, each told, and then nothing is written."""
    parser = argparse.ArgumentParser(prog="make method", description=__doc__)
    parser.add_argument("--method", type=Path, default=ROOT / "method", help="folder of the method's documents")
    parser.add_argument("--out", type=Path, help="the file to write")
    given = parser.parse_args(arguments)
    if given.out is None:
        print("make method: say make method OUT=<file> [METHOD=<folder>]", file=sys.stderr)
        return 2
    try:
        text = bundle(given.method)
        judged(parse(text))
        given.out.write_text(text, "utf-8")
    except MethodFaults as error:
        print("\n".join(f"make method: {fault}" for fault in error.faults), file=sys.stderr)
        return 1
    except OSError as error:
        print(f"make method: {given.out} cannot be written: {error.strerror}; name another file.", file=sys.stderr)
        return 2
    print(f"{given.out}: method {method_id(text)}; land it as method/<version>/method.yaml")
    return 0


if __name__ == "__main__":
    sys.exit(main())
