"""What is known of a dataset, extended by its newest label, is what is known of all its files at once."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from functions.peers.datasets.extended import extended, extensible
from functions.peers.datasets.known import to_tables
from functions.peers.datasets.make import known
from shared.aws import bundle
from shared.method.contracts import Dataset
from tests.support.facts_of import as_read

WANTED = frozenset({"cost", "kind"})
CODES = [f"R{nth:02}" for nth in range(25)]


def contract_of(**other: Any) -> Dataset:
    about: dict[str, Any] = {
        "id": "d", "title": "t", "source": "s", "licence": "l", "code": {"heading": "code"},
        "period": {"kind": "quarter"}, "expects": {"drift": 3, "drift_of_one": 9},
        "measures": {
            "cost": {"heading": "a", "unit": "GBP", "absent": "zero"}, "area": {"heading": "b", "unit": "m2"},
            "kind": {"heading": "c", "type": "text"},
        },
        "derived": {"both": {"title": "Both", "unit": "GBP", "ways": [{"sum": ["cost"], "also": ["area"]}]}},
    }  # fmt: skip
    return Dataset.model_validate(about | other)


CONTRACT = contract_of()
OF_SITES = {
    "unit": {"heading": "unit", "called": "site", "plural": "sites"},
    "measures": {"cost": {"heading": "a", "unit": "GBP"}, "area": {"heading": "b", "unit": "m2"}},
}
QUARTERS = [f"20{year:02}-{year + 1:02}-Q{quarter}" for year in (22, 23) for quarter in (1, 2, 3, 4)]

type Figures = Mapping[str, Mapping[str, float | None]]
"""Measure → code → figure, None where it is missing."""


def rows_of(label: str, figures: Figures, months: int = 1, warned: Sequence[str] = ()) -> pd.DataFrame:
    """The rows of a file, whose figures are of the whole quarter, or of so many of its months."""
    quarter = CONTRACT.period.of(label)
    assert quarter
    rows = []
    for nth in range(months):
        start = (quarter.start + timedelta(32 * nth)).replace(day=1)
        end = quarter.end if months == 1 else (start + timedelta(32)).replace(day=1) - timedelta(1)
        about = {"unit": None, "period_start": start, "period_end": end, "period": label}
        rows += [
            {
                **about, "code": code, "measure": measure, "value": None if figure is None else figure * (1 + nth / 50),
                "text": None, "state": "missing" if figure is None else "value",
                "warnings": ["percent_scale"] if code in warned else None,
            }
            for measure, by_code in figures.items()
            for code, figure in by_code.items()
        ]  # fmt: skip
        rows += [
            {
                **about,
                "code": code,
                "measure": "kind",
                "value": None,
                "text": f"K{code[-1]}",
                "state": "value",
                "warnings": None,
            }
            for code in {code: None for by_code in figures.values() for code in by_code}
        ]
    return pd.DataFrame(rows).assign(row=range(2, len(rows) + 2))


def drawn(random: Any, measures: Sequence[str] = ("cost", "area", "both")) -> dict[str, dict[str, float | None]]:
    """Figures that stay near those of any other draw; some codes are absent and some figures missing."""
    here = [code for code in CODES if random.random() < 0.95]
    return {
        measure: {
            code: None if random.random() < 0.05 else round(100 * (1 + int(code[1:])) * random.uniform(0.8, 1.2), 2)
            for code in here
        }
        for measure in measures
    }


def times(figures: Figures, measure: str, factor: float, codes: Sequence[str] = CODES) -> dict[str, Any]:
    changed = {code: value and value * factor if code in codes else value for code, value in figures[measure].items()}
    return {**figures, measure: changed}


def both_ways(files: Sequence[pd.DataFrame], contract: Dataset = CONTRACT, wanted: Any = WANTED) -> tuple[Any, Any]:
    """What is known of files by extending that of all but the newest; and of all at once. As kept."""
    earlier, newest_two, every = (as_read(pd.concat(part)) for part in (files[:-1], files[-2:], files))
    before = kept(to_tables(known(earlier, contract, wanted)))
    longer = extended(before, newest_two, contract, wanted)
    return longer and kept(longer), kept(to_tables(known(every, contract, wanted)))


def kept(parts: dict[str, pa.Table]) -> dict[str, pa.Table]:
    return bundle.from_bytes(bundle.to_bytes(parts))


def findings(parts: Mapping[str, pa.Table]) -> set[tuple[str, str, str | None]]:
    return {(row["rule"], row["period"], row["measure"]) for row in parts["findings"].to_pylist()}


@pytest.mark.parametrize("months", [1, 3])
@pytest.mark.parametrize("seed", range(12))
def test_drawn_histories_are_known_label_by_label_as_they_are_at_once(seed: int, months: int) -> None:
    random = np.random.default_rng(seed)
    files: list[pd.DataFrame] = []
    figures: Figures = drawn(random)
    outcomes = []
    for label in QUARTERS:
        figures = drawn(random) if random.random() < 0.8 else figures  # or the file of before again
        now = figures
        match random.choice(["as usual", "all", "one", "less", "nothing"], p=[0.6, 0.1, 0.1, 0.1, 0.1]):
            case "all":
                now = times(figures, "cost", 100)
            case "one":
                now = times(figures, "area", 50, ["R03", "R11"])
            case "less":
                now = {"cost": figures["cost"]}
            case "nothing":
                now = times(times(times(figures, "cost", 0), "area", 0), "both", 0)
        files.append(rows_of(label, now, months, ["R05"] if random.random() < 0.3 else []))
        if len(files) > 1:
            longer, whole = both_ways(files)
            assert longer is None or longer == whole
            outcomes.append(longer is None)
    assert {*outcomes} == {False, True}, "some are extended, and some are not"


@pytest.fixture
def steady() -> list[Figures]:
    random = np.random.default_rng(1)
    return [drawn(random) for _ in QUARTERS[:4]]


def files_of(figures: Sequence[Figures]) -> list[pd.DataFrame]:
    return [rows_of(label, each) for label, each in zip(QUARTERS, figures, strict=False)]


def test_what_the_newest_label_shows_is_found(steady: list[Figures]) -> None:
    newest = QUARTERS[3]
    for last, expected in (
        (times(steady[3], "cost", 100), {("drift", newest, "cost"), ("drift", newest, "both")}),
        (times(steady[3], "area", 50, ["R03"]), {("drift", newest, "area"), ("drift", newest, "both")}),
        (steady[2], {("repeated_period", newest, None)}),
        (steady[3], set()),
    ):
        longer, whole = both_ways(files_of([*steady[:3], last]))
        assert longer == whole
        assert findings(longer) == expected


def test_a_label_after_one_that_drifted_is_compared_with_an_older_one(steady: list[Figures]) -> None:
    drifted = times(steady[2], "cost", 100)
    longer, whole = both_ways(files_of([*steady[:2], drifted, steady[3]]))
    assert longer is None
    assert {period for _, period, _ in findings(whole)} == {QUARTERS[2]}  # but for the fall to what is right again


def test_a_measure_that_the_label_before_lacks_is_compared_with_an_older_one(steady: list[Figures]) -> None:
    less = {"area": steady[2]["area"]}
    longer, whole = both_ways(files_of([*steady[:2], less, times(steady[3], "cost", 100)]))
    assert longer is None
    assert ("drift", QUARTERS[3], "cost") in findings(whole)


def test_a_label_after_one_of_zeros_may_repeat_an_older_one(steady: list[Figures]) -> None:
    nothing = times(times(times(steady[2], "cost", 0), "area", 0), "both", 0)
    longer, whole = both_ways(files_of([*steady[:2], nothing, steady[1]]))
    assert longer is None
    assert ("repeated_period", QUARTERS[3], None) in findings(whole)


def test_a_measure_of_older_labels_that_is_zero_where_it_is_absent_is_zero_in_the_newest(steady: list[Figures]) -> None:
    without = [{"area": each["area"]} for each in steady]
    longer, whole = both_ways(files_of([*steady[:2], *without[2:]]), wanted=None)
    assert longer is None
    assert [row["measure"] for row in whole["zero"].to_pylist()] == ["cost"] * 4
    longer, whole = both_ways(files_of(steady), wanted=None)
    assert longer == whole
    assert whole["zero"].num_rows == 4


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, True),
        ({"period": {"kind": "month"}}, True),
        ({"period": {"kind": "edition", "heading": "date", "formats": ["%Y"]}}, False),  # they may overlap
        ({"period": {"kind": "name"}}, False),
        ({"period": {"kind": "quarter", "heading": "date", "formats": ["%Y"], "free": True}}, False),
        (OF_SITES, False),
    ],
)
def test_datasets_whose_labels_are_apart_are_extended(other: dict[str, Any], expected: bool) -> None:
    assert extensible(contract_of(**other)) == expected


def test_a_newest_label_without_rows_adds_nothing(steady: list[Figures]) -> None:
    files = files_of(steady)
    newest_two = as_read(pd.concat(files[2:]))
    without = newest_two[newest_two["period"] != QUARTERS[3]]  # its label is a category still
    before = kept(to_tables(known(as_read(pd.concat(files[:3])), CONTRACT, WANTED)))
    assert kept(extended(before, without, CONTRACT, WANTED) or {}) == before
