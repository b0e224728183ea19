"""Measuring: each system runs each case in a process of its own, and all results must agree.

A case is an input and the systems that can turn it into a result. A system first brings the input into its own form
(arrays, a data frame, tables in a database), which is not timed; then it runs, which is.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
"""A result by name, the same names and shapes from every system."""

OURS = "headroom"
AGREES = 1e-9
_SECONDS = 2.0
"""In one process a run is repeated while all runs together took less than this."""
_TURNS, _ONE_TURN = 3, 15.0
"""A system whose run takes longer than this runs once: repeating it would not change the comparison."""


@dataclass(frozen=True)
class System:
    """One way to the result. `prepare` the input, `run` what is timed, and read the result as `arrays`.

    `sample`: how many rows of the result it computes, where all of them would take too long; None for all. `aim`: how
    many times our time it should at least take.
    """

    prepare: Callable[[Any], Any]
    run: Callable[[Any], Any]
    arrays: Callable[[Any], Arrays]
    sample: int | None = None
    aim: float | None = None


@dataclass(frozen=True)
class Case:
    """`systems` by name, ours among them; `make` generates the input, the same one each time."""

    name: str
    size: str
    make: Callable[[], Any]
    systems: Mapping[str, System]


@dataclass(frozen=True)
class Row:
    """A row of bench.json. `seconds`: the fastest run. `peak_mib`: the most memory of the whole process, interpreter,
    libraries and input included. `agrees`: with ours to 1e-9 on all that `compared` names; for ours, with all others.
    """

    case: str
    size: str
    system: str
    seconds: float
    peak_mib: float
    agrees: bool
    compared: str


def measured(system: System, made: Any, repeats: int = 5) -> tuple[float, Any]:
    """Seconds of the fastest of several runs, and a result."""
    ready = system.prepare(made)
    taken: list[float] = []
    while len(taken) < repeats and sum(taken) < _SECONDS:
        started = time.perf_counter()
        result = system.run(ready)
        taken.append(time.perf_counter() - started)
    return min(taken), result


def peak_mib() -> float:
    """The most memory that this process has used since its program began."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux `ru_maxrss` would start from the parent's memory
        (line,) = (line for line in status.read_text("utf-8").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def agree(whole: Arrays, other: Arrays, rows: int | None = None) -> bool:
    """Whether two results are equal to 1e-9, NaN where the other has NaN; codes and counts exactly.

    `rows`: the other is to hold only so many, the first.
    """
    return whole.keys() == other.keys() and all(_equal(whole[name][:rows], other[name]) for name in whole)


def _equal(one: NDArray[Any], other: NDArray[Any]) -> bool:
    if one.shape != other.shape:
        return False
    if np.issubdtype(one.dtype, np.floating):
        return bool(np.allclose(one, other, rtol=AGREES, atol=0, equal_nan=True))
    return bool((one == other).all())


def bench(case: Case, run: Callable[[Case, str, Path], tuple[float, float]]) -> Iterator[Row]:
    """Each system's row. Systems take turns, so that other load on the machine affects all of them."""
    order = [*case.systems]
    taken: dict[str, float] = {}
    peaks: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        for turn in range(_TURNS):
            for name in order[:: -1 if turn % 2 else 1]:
                if turn and taken[name] > _ONE_TURN:
                    continue
                seconds, peak = run(case, name, Path(folder) / f"{name}.npz")
                taken[name] = min(seconds, taken.get(name, seconds))
                peaks[name] = max(peak, peaks.get(name, 0.0))
        results = {name: dict(np.load(Path(folder) / f"{name}.npz")) for name in case.systems}
    others = {name: system.sample for name, system in case.systems.items() if name != OURS}
    agrees = {name: agree(results[OURS], results[name], sample) for name, sample in others.items()}
    agrees[OURS] = all(agrees.values())
    for name, system in case.systems.items():
        compared = f"first {system.sample:,} organisations" if system.sample else "all"
        yield Row(case.name, case.size, name, taken[name], peaks[name], agrees[name], compared)


def in_a_process(case: Case, system: str, out: Path) -> tuple[float, float]:
    """Seconds and peak MiB of a run in a process of its own, which leaves its result in `out`."""
    command = [sys.executable, "-m", "benchmarks.one", case.name, case.size, system, str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured = json.loads(done.stdout)
    return measured["seconds"], measured["peak_mib"]


def in_this_process(case: Case, system: str, out: Path) -> tuple[float, float]:
    """One run in this process: quick, but its memory includes that of earlier runs."""
    seconds, result = measured(case.systems[system], case.make(), repeats=1)
    leave(case.systems[system].arrays(result), out)
    return seconds, peak_mib()


def leave(result: Arrays, out: Path) -> None:
    """Keep a result to be compared."""
    arrays: dict[str, Any] = {**result}
    np.savez(out, **arrays)


def save(rows: Sequence[Row], path: Path) -> None:
    """Write bench.json."""
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", "utf-8")
