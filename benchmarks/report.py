"""`headroom bench`: Headroom, DuckDB, pandas and plain NumPy on the same input; writes bench.json, prints a table."""

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.cases import CASES, QUICK
from benchmarks.harness import OURS, Case, Row, bench, in_a_process, in_this_process, save
from infra.errors import CommandError


class NoSuchCase(CommandError):
    """There is no case of this name."""


def run_cases(cases: Sequence[str], out: Path, quick: bool) -> int:
    """Run the cases of these names, or all; 1 if any two results differ. `quick`: only check that they agree."""
    unknown = {*cases} - {case.name for case in CASES}
    if unknown:
        raise NoSuchCase(f"there is no case {', '.join(sorted(unknown))}; there are {', '.join(_names())}.")
    print(_machine(), _HEAD, sep="\n\n", flush=True)
    rows: list[Row] = []
    for case in QUICK if quick else CASES:
        if not cases or case.name in cases:
            rows_of_case = [*bench(case, in_this_process if quick else in_a_process)]
            rows += rows_of_case
            print(*_table(case, rows_of_case), sep="\n", flush=True)
    if not quick:
        save(rows, out)
        print(f"\nwritten to {out}")
    if wrong := [row for row in rows if not row.agrees]:
        print(*(f"{row.case} {row.size}: {row.system} does not agree" for row in wrong), sep="\n", file=sys.stderr)
    return 1 if wrong else 0


def _names() -> list[str]:
    return [*dict.fromkeys(case.name for case in CASES)]


_COLUMNS = "{:<18}  {:<11}  {:<8}  {:>8}  {:>8}  {:>7}  {:>5}  {}"
_HEAD = _COLUMNS.format("case", "size", "system", "seconds", "peak MiB", "ratio", "aim", "agrees")


def _table(case: Case, rows: Sequence[Row]) -> Iterator[str]:
    """Lines for one case. The ratio is a system's time over ours; that of a sample would not compare like with like."""
    ours = next(row for row in rows if row.system == OURS)
    for row in rows:
        system = case.systems[row.system]
        ratio = "" if row is ours or system.sample else f"{row.seconds / ours.seconds:.2f}"
        aim = f"{system.aim:.2f}" if system.aim else ""
        agrees = f"{'yes' if row.agrees else 'NO'}, {row.compared}"
        numbers = (f"{row.seconds:.3f}", f"{row.peak_mib:,.0f}", ratio, aim)
        yield _COLUMNS.format(row.case, row.size, row.system, *numbers, agrees)


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    models = (
        [line for line in info.read_text("utf-8").splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    model = models[0].partition(":")[2].strip() if models else platform.processor() or platform.machine()
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "pandas", "duckdb"))
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, {libraries}"
