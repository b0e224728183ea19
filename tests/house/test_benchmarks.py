"""`make bench`: every system comes to the same, and a difference would be seen."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import comparisons, peers
from benchmarks.cases import CASES, QUICK
from benchmarks.harness import OURS, Case, System, agree, bench, in_a_process, in_this_process, save
from tests.support.paths import CHECKOUT


def test_all_systems_come_to_the_same() -> None:
    """In a process of its own: DuckDB complains as it goes, if other libraries keep something of it."""
    command = [sys.executable, "-m", "infra.ops", "bench", "--quick"]
    told = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    rows = [line for line in told.stdout.splitlines() if "yes, all" in line]
    assert len(rows) == sum(len(case.systems) for case in QUICK)


def test_input_has_missing_values_and_ten_others_for_peers() -> None:
    assert np.isnan(peers.characteristics(60, 0.05)).any()
    assert not np.isnan(peers.characteristics(60, 0.0)).any()
    made = comparisons.make(60, 7)
    assert np.isnan(made.values).any()
    assert (made.peers != np.arange(60)[:, None]).all()
    assert all(len({*row}) == 10 for row in made.peers.tolist())


def of(**systems: System) -> Case:
    return Case("squares", "4", lambda: np.arange(4.0), systems)


def system(power: float = 2.0, rows: int | None = None) -> System:
    return System(lambda made: made, lambda made: made[:rows] ** power, lambda found: {"found": found}, sample=rows)


def test_system_that_disagrees_takes_ours_along() -> None:
    case = of(headroom=system(), other=system(), wrong=system(2.000001))
    assert {row.system: row.agrees for row in bench(case, in_this_process)} == {
        OURS: False, "other": True, "wrong": False,
    }  # fmt: skip


def test_sample_is_compared_with_the_first_rows_and_says_so() -> None:
    rows = {row.system: row for row in bench(of(headroom=system(), other=system(rows=2)), in_this_process)}
    assert (rows["other"].agrees, rows["other"].compared) == (True, "first 2 organisations")
    assert (rows[OURS].agrees, rows[OURS].compared) == (True, "all")
    half = replace(system(), run=lambda made: made[:2] ** 2)
    assert not [*bench(of(headroom=system(), other=half), in_this_process)][1].agrees


def test_difference_of_more_than_a_billionth_is_no_agreement() -> None:
    one = {"peer": np.array([[1, 2]]), "distance": np.array([[0.5, math.nan]])}
    assert agree(one, {**one, "distance": one["distance"] * (1 + 1e-10)})
    assert not agree(one, {**one, "distance": one["distance"] * (1 + 1e-8)})
    assert not agree(one, {**one, "distance": np.array([[0.5, 0.5]])})
    assert not agree(one, {**one, "peer": np.array([[2, 1]])})
    assert not agree(one, {**one, "peer": np.array([[1, 2, 3]])})
    assert not agree(one, {"peer": one["peer"]})


def test_run_in_a_process_of_its_own_is_measured_and_its_result_kept(tmp_path: Path) -> None:
    seconds, peak = in_a_process(CASES[0], OURS, tmp_path / "ours.npz")
    assert seconds > 0
    assert 20 < peak < 1_000
    assert np.load(tmp_path / "ours.npz")["peer"].shape == (200, 10)


def test_rows_are_written(tmp_path: Path) -> None:
    save([*bench(of(headroom=system()), in_this_process)], tmp_path / "bench.json")
    (row,) = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert {"case", "size", "system", "seconds", "peak_mib", "agrees"} <= row.keys()
