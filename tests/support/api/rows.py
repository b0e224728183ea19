"""A row of a release's opportunities, for tests of sentences, and a line of an answer, for tests of pages."""

from datetime import date
from typing import Any

from functions.api.schemas.figures import Line
from shared import tables
from shared.method.opportunities import Opportunity
from tests.support.api.programme import OPPORTUNITIES

COST = Opportunity.model_validate(OPPORTUNITIES["cleaning_cost"])
YEAR: dict[str, Any] = {"period_start": date(2024, 4, 1), "period_end": date(2025, 3, 31)}
QUARTER: dict[str, Any] = {"period_start": date(2025, 1, 1), "period_end": date(2025, 3, 31)}


def row(status: str, **given: Any) -> dict[str, Any]:
    told = {"trust_code": "RAA", "trust_name": "Saint A", "status": status, "comparator": "estate_type"}
    days = {"period_start": date(2019, 4, 1), "period_end": date(2020, 3, 31)}
    figures = {"comparator_count": 3, "value": 2.0, "numerator": 18.0, "denominator": 9.0}
    return dict.fromkeys(tables.OPPORTUNITIES.names) | told | days | figures | given


def gain_line(opportunity_id: str = "cleaning_cost", **fields: Any) -> Line:
    """A line with a gain of £200,000 to £300,000 in a financial year."""
    made: dict[str, Any] = dict.fromkeys(Line.model_fields) | YEAR
    made |= {
        "opportunity_id": opportunity_id, "trust_code": "RAA", "title": "Cleaning cost", "metric_title": "Cleaning",
        "category": "estates", "category_title": "Estates", "status": "opportunity", "comparator": "estate_type",
        "comparator_title": "Same type of estate", "compared_with": "5 other trusts", "flags": (), "cautions": (),
        "value_unit": "GBP per m2", "numerator_unit": "GBP", "denominator_unit": "m2", "unit": "GBP",
        "cash_unit": "GBP", "overlap_group": "estates", "native": "cash", "words": "", "illustrative": (),
        "illustrative_in": (), "overlaps": (), "gain": "£200,000 to £300,000",
        **of("cash", 2e5, 3e5), **of("cash_per_year", 2e5, 3e5), **of("units", 2e5, 3e5),
    }  # fmt: skip
    return Line.model_validate(made | fields)


def of(name: str, lower: float | None, upper: float | None) -> dict[str, Any]:
    """The two fields of an expression."""
    return {f"{name}_lower": lower, f"{name}_upper": upper}
