"""The small programme with a price, which files of the dataset `prices` may replace."""

from tests.support.pipeline.small import METHOD_TEXT

UNIT = "GBP per visit"

PRICED = (
    METHOD_TEXT.replace(
        "    cash: {unit: GBP}\n",
        "    cash: {unit: GBP}\n    activity: {of: cash, divide_by: visit, unit: visit}\n",
    )
    + f"""\
--- # price_list.yaml
dataset:
  id: prices
  title: Prices
  source: The owner
  licence: none
  period: {{kind: edition}}
  layout: {{currency: £}}
  code: {{heading: price, pattern: "[A-Z][A-Z0-9_]*"}}
  measures:
    value: {{heading: value, unit: GBP}}
    unit: {{heading: unit, type: text}}
    price_year: {{heading: price_year, type: text}}
    source: {{heading: source, type: text}}
    status: {{heading: status, type: text}}
--- # prices.yaml
prices:
  visit:
    title: A visit
    value: 50
    unit: {UNIT}
    price_year: none
    source: A round figure
    status: illustrative
  bed_day:
    title: A bed day
    value: 300
    unit: GBP per bed day
    price_year: 2020-21
    source: Invented
    status: published
    kept: For later.
"""
)


def price_list(*rows: str) -> bytes:
    """A file of prices; each row is `price,value,unit,price_year,source,status`."""
    return "\n".join(["price,value,unit,price_year,source,status", *rows, ""]).encode()


def visit(value: str, unit: str = UNIT, price_year: str = "2025-26", source: str = "Our accounts") -> str:
    """The row of a visit, published."""
    return f"visit,{value},{unit},{price_year},{source},published"
