"""`python -m benchmarks.one CASE SIZE SYSTEM OUT`: one run, its figures printed as JSON and its result left in OUT."""

import json
import sys
from pathlib import Path

from benchmarks.cases import CASES
from benchmarks.harness import leave, measured, peak_mib


def main(name: str, size: str, system: str, out: str) -> None:
    """Run one system of one case."""
    case = next(case for case in CASES if (case.name, case.size) == (name, size))
    seconds, result = measured(case.systems[system], case.make())
    peak = peak_mib()
    leave(case.systems[system].arrays(result), Path(out))
    print(json.dumps({"seconds": seconds, "peak_mib": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
