"""Keyed files: several figures in each row, added up by the row's key."""

import random
from itertools import permutations
from typing import Any

import pytest

from functions.ingest.conform import limits
from functions.ingest.conform.conform import Conformed, conform
from shared.keys import Slot
from shared.method.contracts import Dataset
from tests.oracles.prescribing.keyed import Wanted, added_up

COLUMNS = "YEAR_MONTH,PRACTICE_CODE,BNF_CODE,ITEMS,TOTAL_QUANTITY,ACTUAL_COST"
"""The columns of the English Prescribing Dataset that are read here, as the NHS Business Services Authority names
them."""

PRESCRIBING: dict[str, Any] = {
    "id": "prescribing",
    "title": "Items prescribed",
    "source": "A test",
    "licence": "None",
    "period": {"kind": "month", "heading": "YEAR_MONTH", "formats": ["%Y%m"]},
    "code": {"heading": "PRACTICE_CODE", "pattern": "[A-Z][0-9]{5}"},
    "markers": {"*": "suppressed", "n/a": "not_applicable"},
    "totals": ["ALL"],
    "keyed": {
        "key": {"heading": "BNF_CODE", "pattern": "[0-9]{7}[A-Z0-9]{0,8}"},
        "values": {
            "items": {"heading": "ITEMS", "unit": "item", "minimum": 0, "absent": "zero"},
            "cost": {"heading": "ACTUAL_COST", "unit": "GBP"},
        },
        "repeated": "sum",
    },
    "measures": {
        "items": {"value": "items"},
        "statin_items": {"value": "items", "of_keys": ["0212000*"]},
        "costly_statin_items": {"value": "items", "of_keys": ["0212000*"], "but_not": ["0212000B0*", "0212000Y0*"]},
        "statin_cost": {"value": "cost", "of_keys": ["0212000*"]},
    },
    "checks": {"costly": {"sum": ["costly_statin_items"], "at_most": ["statin_items"], "because": "They are a part."}},
}
WANTED = {
    "items": Wanted("ITEMS"),
    "statin_items": Wanted("ITEMS", ["0212000"]),
    "costly_statin_items": Wanted("ITEMS", ["0212000"], ["0212000B0", "0212000Y0"]),
    "statin_cost": Wanted("ACTUAL_COST", ["0212000"]),
}
SLOT = Slot("prescribing", "2024-09")


def dataset(**changes: Any) -> Dataset:
    return Dataset.model_validate(PRESCRIBING | changes)


def keyed(**changes: Any) -> Dataset:
    return dataset(keyed=PRESCRIBING["keyed"] | changes)


def read(*rows: str, contract: Dataset | None = None, header: str = COLUMNS) -> Conformed:
    return conform("\n".join([header, *rows, ""]).encode(), SLOT, "epd.csv", contract or dataset())


def figures(result: Conformed) -> dict[tuple[str, str], Any]:
    rows = stored(result)
    return {(row["code"], row["measure"]): row["state"] if row["value"] is None else row["value"] for row in rows}


def stored(result: Conformed) -> list[dict[str, Any]]:
    assert result.table is not None, [finding.message for finding in result.findings.detail]
    rows: list[dict[str, Any]] = result.table.to_pylist()
    return rows


def rules(result: Conformed) -> list[tuple[Any, ...]]:
    return [(each.severity, each.rule, each.row, each.column) for each in result.findings.detail]


def test_rows_are_added_up_by_the_keys_of_each_measure() -> None:
    result = read(
        "202409,A81001,0212000B0AAABAB,10,280,12.50",
        "202409,A81001,0212000B0AAABAB,2,56,2.50",
        "202409,A81001,0212000AAAAAAAA,3,84,40.25",
        "202409,A81001,0407010H0AAAMAM,5,160,4",
        "202409,B81002,0407010H0AAAMAM,7,224,5.60",
    )
    assert figures(result) == {
        ("A81001", "items"): 20.0,
        ("A81001", "statin_items"): 15.0,
        ("A81001", "costly_statin_items"): 3.0,
        ("A81001", "statin_cost"): 55.25,
        ("B81002", "items"): 7.0,
    }
    assert rules(result) == []
    assert (result.rows_read, result.codes, result.cells) == (5, 2, 10)
    assert {row["row"] for row in stored(result)} == {2, 6}


@pytest.mark.parametrize("seed", range(20))
def test_any_file_is_added_up_as_row_by_row(seed: int) -> None:
    draw = random.Random(seed)
    keys = [
        "0212000B0AAABAB",
        "0212000Y0AAADAD",
        "0212000AAAAAAAA",
        "0407010H0AAAMAM",
        "0212000b0bb",
        "0301011R0AAAPAP",
    ]
    rows = [
        f"2024{draw.choice(['09', '10', '11'])},{draw.choice('ABC')}8100{draw.randrange(4)},{draw.choice(keys)},"
        f"{draw.choice(['', '*', *map(str, range(9)), '1' * 3])},1,{draw.choice(['', f'{draw.random() * 99:.2f}'])}"
        for _ in range(draw.randrange(1, 60))
    ]
    quarter = dataset(period=PRESCRIBING["period"] | {"kind": "quarter", "year_starts": 4})
    slot = Slot("prescribing", "2024-25-Q3")
    months = [row for row in rows if not row.startswith("202409")] or ["202410,A81001,0301011R0AAAPAP,1,1,1"]
    text = "\n".join([COLUMNS, *months, ""])
    result = conform(text.encode(), slot, "epd.csv", quarter)
    assert result.table is not None, result.findings.detail
    expected = added_up(text, ["PRACTICE_CODE", "YEAR_MONTH"], WANTED)
    own = {
        (row["code"], f"{row['period_start']:%Y%m}", row["measure"]): row["state"]
        if row["value"] is None
        else row["value"]
        for row in result.table.to_pylist()
    }
    assert own == pytest.approx(expected)
    shuffled = "\n".join([COLUMNS, *draw.sample(months, len(months)), ""])
    again = conform(shuffled.encode(), slot, "epd.csv", quarter).table
    assert again is not None
    assert again.drop_columns(["row"]).equals(result.table.drop_columns(["row"]))


def test_a_sum_does_not_depend_on_the_order_of_rows() -> None:
    """0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in their last bit."""
    rows = [f"202409,A81001,0212000B0AAABAB,1,1,{cost}" for cost in ("0.1", "0.2", "0.3", "1e16", "-1e16")]
    sums = {figures(read(*order))["A81001", "statin_cost"] for order in permutations(rows)}
    assert len(sums) == 1


def test_the_order_of_batches_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"202409,A8100{nth % 3},0212000B0AAABAB,{nth},1,0.1" for nth in range(30)]
    whole = figures(read(*rows))
    monkeypatch.setattr(limits, "BATCH_CELLS", 12)
    assert figures(read(*rows)) == whole
    assert whole["A81000", "statin_items"] == sum(range(0, 30, 3))


def test_a_part_that_is_missing_makes_the_sum_missing() -> None:
    rows = ["202409,A81001,0212000B0AAABAB,3,1,1", "202409,A81001,0212000AAAAAAAA,,1,1"]
    assert figures(read(*rows))["A81001", "statin_items"] == "missing"
    rows.append("202409,A81001,0212000Y0AAADAD,*,1,1")
    assert figures(read(*rows))["A81001", "statin_items"] == "suppressed"
    assert figures(read(rows[0], "202409,A81001,0212000AAAAAAAA,n/a,1,1"))["A81001", "statin_items"] == 3


def test_rows_with_the_same_key_are_errors_unless_they_add_up() -> None:
    rows = ["202409,A81001,0212000B0AAABAB,1,1,1", "202409,A81001,0212000b0aaabab ,1,1,1"]
    result = read(*rows, "202409,B81002,0212000B0AAABAB,1,1,1", contract=keyed(repeated="error"))
    assert [each for each in rules(result) if each[0] == "error"] == [("error", "duplicate_row", 3, "BNF_CODE")]
    assert "'0212000b0aaabab' of A81001 is in row 2 already" in result.findings.detail[0].message
    assert figures(read(*rows))["A81001", "statin_items"] == 2


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("202409,A81001,,1,1,1", ("error", "key", 2, "BNF_CODE")),
        ("202409,A81001,2.12E+07,1,1,1", ("error", "key", 2, "BNF_CODE")),
        ("202409,A81001,212000B0AAABAB,1,1,1", ("error", "key", 2, "BNF_CODE")),
        ("202409,A81001,0212000B0AAABAB,-1,1,1", ("error", "range", 2, "ITEMS")),
        ("202409,A81001,0212000B0AAABAB,many,1,1", ("error", "not_a_number", 2, "ITEMS")),
        ("202409,A8100,0212000B0AAABAB,1,1,1", ("error", "code", 2, "PRACTICE_CODE")),
        ("202408,A81001,0212000B0AAABAB,1,1,1", ("error", "period", 2, "YEAR_MONTH")),
        ("202409,,0212000B0AAABAB,1,1,1", ("error", "no_code", 2, "PRACTICE_CODE")),
    ],
)
def test_a_bad_row_is_named(row: str, found: tuple[Any, ...]) -> None:
    result = read(row, "202409,B81002,0212000AAAAAAAA,1,1,1")
    assert found in rules(result)
    assert result.table is None


def test_a_missing_column_rejects_the_file() -> None:
    result = read("202409,A81001,0212000B0AAABAB,1", header="YEAR_MONTH,PRACTICE_CODE,BNF_CODE,ITEM")
    assert [each[:2] for each in rules(result)] == [("error", "missing_column"), ("error", "missing_column")]
    assert "'ITEMS' is missing (did you mean 'ITEM'?)" in result.findings.detail[0].message


def test_a_measure_without_any_row_has_a_warning() -> None:
    result = read("202409,A81001,0407010H0AAAMAM,1,1,1")
    assert [each[1] for each in rules(result)] == ["no_rows_of_measure"] * 3
    assert figures(result) == {("A81001", "items"): 1.0}


def test_the_total_of_a_file_is_compared_with_measures_of_all_rows() -> None:
    rows = ["202409,A81001,0212000B0AAABAB,4,1,1", "202409,B81002,0212000AAAAAAAA,5,1,1"]
    assert rules(read(*rows, "202409,ALL,,9,2,2")) == []
    assert rules(read(*rows, "202409,ALL,,10,2,2")) == [("error", "total", 4, "ITEMS")]


def test_a_check_compares_the_sums() -> None:
    part = {"sum": ["statin_items"], "at_most": 5, "because": "Six are too many.", "severity": "warning"}
    rows = ["202409,A81001,0212000B0AAABAB,3,1,1", "202409,A81001,0212000AAAAAAAA,3,1,1"]
    result = read(*rows, "202409,B81002,0212000AAAAAAAA,5,1,1", contract=dataset(checks={"few": part}))
    assert rules(result) == [("warning", "few", 2, "ITEMS")]
    warned = [(row["code"], row["measure"]) for row in stored(result) if row["warnings"]]
    assert warned == [("A81001", "statin_items")]


def test_too_many_keys_are_a_column_exchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEYS", 1)
    result = read("202409,A81001,0212000B0AAABAB,1,1,1", "202409,A81001,0212000AAAAAAAA,1,1,1")
    assert rules(result) == [("error", "too_many_keys", 2, None)]


def test_a_file_of_headings_alone_has_too_few_rows() -> None:
    assert [each[:2] for each in rules(read())] == [("error", "too_few_rows")]


def test_a_figure_of_one_key_need_not_add_up() -> None:
    grades = {
        "key": {"heading": "subject"},
        "values": {"entries": {"heading": "entries", "unit": "entry"}, "share": {"heading": "pass", "unit": "percent"}},
    }
    measures = {"entries": {"value": "entries"}, "maths": {"value": "share", "of_keys": ["Mathematics"]}}
    period = {"kind": "month"}
    contract = dataset(keyed=grades, measures=measures, checks={}, period=period)
    result = read(
        "A81001,mathematics,10,70", "A81001,Art,5,90", header="PRACTICE_CODE,subject,entries,pass", contract=contract
    )
    assert figures(result) == {("A81001", "entries"): 15.0, ("A81001", "maths"): 70.0}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"measures": {"a": {"value": "itms", "unit": "item"}}}, "there is no column of figures called 'itms'"),
        ({"measures": {"a": {"value": "items", "heading": "ITEMS"}}}, "write them at keyed.values"),
        ({"measures": {"a": {"value": "items", "minimum": 1}}}, "write them at keyed.values"),
        (
            {"measures": {"a": {"value": "items"}}, "checks": {}},
            "keyed.values.cost: no measure is a sum of this column",
        ),
        (
            {"keyed": None, "measures": {"a": {"heading": "A", "unit": "item", "value": "items"}}},
            "belong to a keyed dataset",
        ),
        ({"long": {"measure": {"heading": "m"}, "value": {"heading": "v"}}}, "a keyed file is neither long"),
        ({"layout": {"header": "optional", "columns": 6}}, "a keyed file needs headings"),
        ({"measures": {"a": {"value": "items", "unit": "percent"}}}, "percent does not add up over rows"),
        (
            {"derived": {"d": {"title": "D", "unit": "item", "ways": [{"sum": ["items"]}]}}},
            "a keyed file has no columns",
        ),
        ({"measures": {"a": {"type": "text", "value": "items"}}}, "only a number can be zero"),
    ],
)
def test_a_contract_that_makes_no_sense_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match="(?s)" + said.replace(".", r"\.")):
        dataset(**changes)


def test_a_measure_takes_unit_and_absent_from_its_column() -> None:
    measures = dataset().measures
    assert (measures["statin_items"].unit, measures["statin_items"].absent) == ("item", "zero")
    assert (measures["statin_cost"].unit, measures["statin_cost"].absent) == ("GBP", "missing")
