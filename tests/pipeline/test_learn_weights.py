"""`headroom learn-weights` on synthetic files: what drives the cost gets the weight, and noise is refused."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from infra.ops.cli import main
from infra.template import ROOT
from shared.method.load import bundle, load
from shared.method.peer_groups import NearestGroup
from tests.support.drawn_examples import Numbers, characteristics, cost
from tests.support.paths import SAMPLES

CODES = [f"R{letter}{digit}" for letter in "WXZ" for digit in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"][:90]
SAMPLE = SAMPLES / "trust_characteristics" / "2022-23" / "nhse_trusts_2022_23.csv"
NAME = "recommended_by_finance_cost"


def landing(folder: Path, costs: Callable[[Numbers], Numbers], codes: list[str] = CODES) -> Path:
    """A landing folder: deprivation and the urban share drawn from 0 to 1, the other characteristics from the samples,
    and the cost of finance per £100m of income, made of the drawn ones."""
    header, *rows = csv.reader(io.StringIO(SAMPLE.read_text("utf-8")))
    places = [header.index("Deprivation"), header.index("Urban")]
    values = characteristics(len(codes), 2, seed=30)
    lines = [",".join(header)]
    for number, (code, drawn) in enumerate(zip(codes, values.tolist(), strict=True)):
        row = [code, *rows[number % len(rows)][1:]]
        for place, value in zip(places, drawn, strict=True):
            row[place] = f"{value:.6f}"
        lines.append(",".join(row))
    write(folder / "trust_characteristics" / "2022-23" / "drawn.csv", lines)
    lines = ["trust_code,period,measure,value"]
    for code, per_income in zip(codes, costs(values).tolist(), strict=True):
        lines += [f"{code},2024-25,income,100000000", f"{code},2024-25,finance_cost,{per_income:.6f}"]
    write(folder / "trust_measures" / "2024-25" / "drawn.csv", lines)
    return folder


def write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def driven(values: Numbers) -> Numbers:
    return cost(values, {0: 80, 1: 40}, seed=30)


def noise(values: Numbers) -> Numbers:
    return cost(values, {}, seed=30)


def learn(folder: Path, out: Path, **options: Any) -> int:
    settings = {"landing": folder, "group": "recommended", "cost": "finance_cost", "out": out} | options
    return main(["learn-weights", *(text for name, value in settings.items() for text in (f"--{name}", str(value)))])


def test_drivers_get_the_weights_in_a_file_that_fits_into_the_method(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = landing(tmp_path / "landing", driven)
    assert learn(folder, tmp_path / "out") == 0
    text = (tmp_path / "out" / "peer_group.yaml").read_text("utf-8")
    group = yaml.safe_load(text)["peer_groups"][NAME]
    weights = {one["measure"].partition(".")[2]: one["weight"] for one in group["variables"]}
    assert weights["deprivation"] > weights["urban"] > 0.1
    assert weights["deprivation"] + weights["urban"] > 0.95
    assert min(weights.values()) > 0
    assert group["successors"] == {"rule": "dated"}

    whole = bundle(ROOT / "method") + f"--- # learnt.yaml\n{text}"
    method = load(whole)
    learnt, template = method.peer_groups[NAME], method.peer_groups["recommended"]
    assert isinstance(learnt, NearestGroup)
    assert isinstance(template, NearestGroup)
    changed = {"variables": (), "title": "", "explanation": "", "source": ""}
    assert learnt.model_copy(update=changed) == template.model_copy(update=changed)
    left_out = re.search("^# Left out, .*: (.*)[.]$", text, re.MULTILINE)
    assert left_out
    everything = {one.measure for one in template.variables}
    assert {*left_out[1].split(", ")} == everything - {f"trust_characteristics.{name}" for name in weights}

    report = (tmp_path / "out" / "report.md").read_text("utf-8")
    assert "- Organisations: 90 with both; 0 with characteristics" in report
    assert len(re.findall(r"^\| \d+ \| \d \| 18 \|", report, re.MULTILINE)) == 50  # ten seeds of five folds
    assert [code for code in CODES if f"\n| {code} | " not in report] == []
    kept = [int(share) for share in re.findall(r"^\| R\w\w \| (\d+)% \|$", report, re.MULTILINE)]
    assert f"On average {np.mean(kept):.0f}% of an organisation's peers stay (90 organisations" in report
    printed = capsys.readouterr().out
    assert "## Weights" in printed
    assert "## Folds" not in printed


def test_noise_is_refused_with_a_report_and_without_a_method_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    write(out / "peer_group.yaml", ["peer_groups: {}"])  # of an earlier run
    assert learn(landing(tmp_path / "landing", noise), out) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("headroom learn-weights: the characteristics predict the cost no better than its ")
    assert str(out / "report.md") in printed.err
    assert [path.name for path in out.iterdir()] == ["report.md"]
    report = (out / "report.md").read_text("utf-8")
    assert "No weights were written: the characteristics predict" in report
    assert "## Weights" not in report


def test_what_cannot_be_learnt_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = landing(tmp_path / "landing", driven, CODES[:59]), tmp_path / "out"
    assert learn(folder, out) == 1
    assert "only 59 organisations have a cost and a characteristic, and 12 weights need" in capsys.readouterr().err
    assert learn(folder, out, cost="trust_characteristics.urban") == 2
    assert "would predict itself" in capsys.readouterr().err
    assert not out.exists()
