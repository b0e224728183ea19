"""docs/contracts.md says what the method's contracts say, in words of a supplier."""

import re

from infra.generate.contract_page import COMMITTED, page
from tests.support.conforming import GIVEN, LONG, Dataset, contract, datasets
from tests.support.paths import CHECKOUT

RULES = re.compile(r'"(?:error|warning)",\s*"([a-z_]+)"|(?:Unreadable|Fault)\("([a-z_]+)"|"rule": "([a-z_]+)"')


def test_the_page_names_every_dataset_column_alias_and_check() -> None:
    text = COMMITTED.read_text("utf-8")
    sections = dict(zip(*[iter(re.split(r"^## (\w+)$", text, flags=re.MULTILINE)[1:])] * 2, strict=True))
    for name, dataset in datasets().items():
        said = sections[name]
        for place in dataset.places.values():
            assert all(heading in said for heading in (place.title, *place.aliases))
        assert all(f"| `{check}` |" in said for check in dataset.checks)
        assert all(f"`{marker}`" in said for marker in dataset.markers)


def test_every_rule_that_ingest_can_break_a_file_by_has_its_remedy() -> None:
    code = "".join(path.read_text("utf-8") for path in sorted((CHECKOUT / "functions/ingest").rglob("*.py")))
    found = {rule for groups in RULES.findall(code) for rule in groups if rule}
    assert {"too_few_rows", "bomb", "range", "nul_bytes", "duplicate_row"} <= found
    _, every_file, *sections = COMMITTED.read_text("utf-8").split("\n## ")
    (of_prices,) = (section for section in sections if section.startswith("prices\n"))
    assert sorted(rule for rule in found if not re.search(rf"[` ]{rule}[`,]", every_file + of_prices)) == []


def test_a_contract_is_told_with_units_ranges_states_and_severities() -> None:
    said = page([contract(expects={"minimum_rows": 3, "coverage": 0.9, "drift": 30, "drift_of_one": 50})])
    for phrase in (
        "`estates/2015-16/…` for 2015-16",
        "| `cost` | Cost (£) |  | GBP, from 0 | yes |",
        "| `share` | Share (%) |  | percent, from 0, to 100 | yes |",
        "`Not Applicable` (does not apply), `NA` (missing), `*` (suppressed)",
        "| `used_within_floor` | error | Used (m²) is at most Floor (m²) | Used floor is part of it. |",
        "A row whose code is `TOTAL` is a total",
        "At least 3 rows of data",
        "At least 90% of the codes",
        "total is 30 times larger",
        "figure 50 times larger",
        "If a column in GBP has 20 figures or more and none reaches 1,000",
        "Figures may carry the sign £",
        "One row for each organisation (`duplicate_row`, error)",
    ):
        assert phrase in said, phrase


def test_long_and_headless_files_are_told_as_such() -> None:
    assert "the column `measure` names the measure, the column `value` holds it." in page(
        [Dataset.model_validate(LONG)]
    )
    headless = Dataset.model_validate(
        {key: GIVEN[key] for key in ("id", "title", "source", "licence")}
        | {
            "period": {"kind": "year"},
            "layout": {"header": False, "columns": 4},
            "code": {"at": 1},
            "measures": {"opened": {"at": 2, "type": "date", "formats": ["%Y%m%d"]}},
        }
    )
    said = page([headless])
    assert "No header row; 4 columns, counted from 1." in said
    assert "| `opened` | column 2 |  | a day, as `20240930` or `2024-09-30` | yes |" in said


def test_a_keyed_file_is_told_with_its_keys_and_what_is_zero_where_it_is_absent() -> None:
    keyed = {
        "key": {"heading": "Item", "pattern": "[0-9]{4}"},
        "values": {"items": {"heading": "Items", "unit": "item", "minimum": 0, "absent": "zero"}},
        "repeated": "sum",
    }
    measures = {"all": {"value": "items"}, "some": {"value": "items", "of_keys": ["02*"], "but_not": ["0212", "0213"]}}
    said = page([contract(families=[], totals=[], checks={}, keyed=keyed, measures=measures)])
    for phrase in (
        "In each row, the column `Item` says what it is about, as `[0-9]{4}`.",
        "Rows with the same key add up.",
        "an organisation without a row for `all`, `some` has 0",
        "| `all` | Items |  | item, from 0; keys `*` | yes |",
        "| `some` | Items |  | item, from 0; keys `02*`, but not `0212` or `0213` | yes |",
    ):
        assert phrase in said, phrase
    assert "One row for each" not in said
    assert "One row for each organisation and key" in page(
        [contract(families=[], totals=[], checks={}, keyed=keyed | {"repeated": "error"}, measures=measures)]
    )
