"""A second release of the small programme, made by hand."""

from tests.support.api.published import Service, opportunities

LATER = "b" * 32


def later() -> Service:
    """A second release in which RAA spent £450,000 on cleaning, not £500,000: 45 against 30 and 20."""
    service = Service()
    service.publish()
    changed = [
        row | {"value": 45.0, "numerator": 450_000.0, "gap_lower": 15.0, "gap_upper": 25.0, "units_lower": 150_000.0,
               "units_upper": 250_000.0, "cash_lower": 150_000.0, "cash_upper": 250_000.0,
               "activity_lower": 150_000 / 3500, "activity_upper": 250_000 / 3500, "staff_lower": 3.0,
               "staff_upper": 5.0}
        if (row["trust_code"], row["opportunity_id"]) == ("RAA", "cleaning_cost")
        else row
        for row in opportunities()
    ]  # fmt: skip
    service.publish(LATER, sequence=2, opportunities=changed)
    return service
