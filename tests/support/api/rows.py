"""One row of a release's opportunities, for tests of sentences."""

from datetime import date
from typing import Any

from shared import tables
from shared.method.opportunities import Opportunity
from tests.support.api.programme import OPPORTUNITIES

COST = Opportunity.model_validate(OPPORTUNITIES["cleaning_cost"])


def row(status: str, **given: Any) -> dict[str, Any]:
    told = {"trust_code": "RAA", "trust_name": "Saint A", "status": status, "comparator": "estate_type"}
    days = {"period_start": date(2019, 4, 1), "period_end": date(2020, 3, 31)}
    figures = {"comparator_count": 3, "value": 2.0, "numerator": 18.0, "denominator": 9.0}
    return dict.fromkeys(tables.OPPORTUNITIES.names) | told | days | figures | given
