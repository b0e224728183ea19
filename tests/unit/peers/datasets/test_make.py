"""What is known of drawn datasets answers as all of their facts do: units, overlapping files, many months in a file."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from functions.peers.datasets import make
from functions.peers.datasets.known import KnownFacts, from_tables, to_tables
from functions.peers.datasets.make import known
from shared.facts.apply_findings import apply_findings
from shared.facts.facts import Facts
from shared.method.contracts import Dataset
from shared.method.terms import Ref
from shared.tables import CURATED, FINDINGS
from tests.oracles.scale.peers_at_once import WholeFacts
from tests.support.facts_of import as_read


def contract_of(*, units: bool) -> Dataset:
    """A dataset of organisations, one of whose measures is zero where it is absent; or of units."""
    share, of_unit = ({"share_of": "area"}, {"of_unit": True}) if units else ({}, {})
    return Dataset.model_validate(
        {
            "id": "d", "title": "t", "source": "s", "licence": "l", "code": {"heading": "code"},
            "period": {"kind": "month"}, "expects": {"drift": 3, "drift_of_one": 9},
            "measures": {
                "cost": {"heading": "a", "unit": "GBP"} | ({} if units else {"absent": "zero"}),
                "area": {"heading": "b", "unit": "m2"}, "part": {"heading": "c", "unit": "%", **share},
                "kind": {"heading": "d", "type": "text"}, "site": {"heading": "e", "type": "text", **of_unit},
                "index": {"heading": "f", "unit": "fraction"},
            },
            "derived": {"both": {"title": "Both", "unit": "GBP", "ways": [{"sum": ["cost"], "also": ["index"]}]}},
            **({"unit": {"heading": "unit", "called": "site", "plural": "sites"}} if units else {}),
        }
    )  # fmt: skip


NUMBERS = ("cost", "area", "part", "index", "both")
WANTED = {"cost", "part", "kind"}


def drawn(seed: int, *, units: bool, many: bool) -> pd.DataFrame:
    """Rows of files in slot order. If `many`, a file has two months and repeats one of the file before it."""
    random = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for month in range(1, 7):
        for of in (month, month - 1) if many and month > 1 else (month,):
            grown = 100.0 if random.random() < 0.2 else 1.0
            for code in (f"R{n}" for n in range(12) if random.random() < 0.9):
                for unit in [f"{code}{n}" for n in range(3) if random.random() < 0.8] if units else [None]:
                    rows += of_unit(random, f"2025-{month:02}", date(2025, of, 1), code, unit, grown)
    table = pd.DataFrame(rows).sort_values("period", kind="stable").reset_index(drop=True)
    return table.assign(row=range(2, len(table) + 2))


def of_unit(random: Any, label: str, start: date, code: str, unit: str | None, grown: float) -> list[dict[str, Any]]:
    about = {
        "code": code, "unit": unit, "period_start": start, "period_end": date(start.year, start.month, 28),
        "warnings": ["percent_scale"] if random.random() < 0.02 else None, "period": label,
    }  # fmt: skip
    states = random.choice(["value", "missing", "suppressed", "not_applicable"], 5, p=[0.85, 0.05, 0.05, 0.05])
    figures = []
    for measure, state in zip(NUMBERS, states, strict=True):
        times = grown if measure == "cost" else random.choice([1, 20], p=[0.97, 0.03])
        value = round(random.uniform(5, 9) * times, 1) if state == "value" else None
        if random.random() < 0.95:
            figures.append({**about, "measure": measure, "state": state, "text": None, "value": value})
    texts: Mapping[str, str] = {"kind": f"K{random.integers(2)}", "site": f"S{random.integers(5)}"}
    return figures + [
        {**about, "measure": name, "state": "value", "text": text, "value": None} for name, text in texts.items()
    ]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("many", [False, True], ids=["one month a file", "many"])
@pytest.mark.parametrize("units", [False, True], ids=["organisations", "units"])
@pytest.mark.parametrize("rows", [1_000_000, 50], ids=["at once", "in blocks"])
def test_known_facts_answer_as_all_facts_do(
    seed: int, many: bool, units: bool, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = contract_of(units=units)
    table = drawn(seed, units=units, many=many)
    whole = Facts({"d": table}, {"d": contract})
    expected: Any = WholeFacts(whole)
    found = expected.known["d"].findings
    assert {"error", "warning"} <= {one["severity"] for one in found}
    usable = apply_findings(whole, pa.Table.from_pylist(found, FINDINGS))

    monkeypatch.setattr(make, "ROWS_AT_ONCE", rows)
    facts = KnownFacts({"d": from_tables(to_tables(known(as_read(table), contract, WANTED)))}, {"d": contract})

    as_rows = pa.Table.from_pylist(facts.known["d"].findings, FINDINGS)
    by: Any = [(name, "ascending") for name in ("severity", "rule", "period", "measure", "trust_code", "message")]
    assert as_rows.sort_by(by).equals(pa.Table.from_pylist(found, FINDINGS).sort_by(by))
    assert facts.reporting(()) == whole.reporting(())
    assert facts.reporting(["d"]) == frozenset()
    assert facts.newest_day(None) == whole.newest_day(None)
    assert facts.codes_by_label("d") == expected.codes_by_label("d")
    cost = Ref("d", "cost")
    assert facts.zero_where_absent == ({} if units else {cost: usable.zero_where_absent[cost]})
    for ref in (Ref("d", measure) for measure in WANTED):
        assert facts.periods(ref) == usable.periods(ref)
        for period in facts.periods(ref):
            assert facts.label("d", period) == whole.label("d", period)
            columns = ["value", "text", "state", "row", "period"]
            pd.testing.assert_frame_equal(
                facts.at(ref, period)[columns], usable.at(ref, period)[columns], check_dtype=False
            )
    assert facts.rows(Ref("d", "area")).empty


def test_nothing_is_known_of_a_dataset_without_rows() -> None:
    contract = contract_of(units=True)
    empty = pd.DataFrame(columns=[*CURATED.names, "period"]).astype({"value": float})
    one = from_tables(to_tables(known(empty, contract, WANTED)))
    assert one.findings == []
    assert one.held.empty
    assert one.rows.empty
