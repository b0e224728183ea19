"""Checks of landed prices against the method: known ids, the method's units, a positive value, a source and a year."""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

import pyarrow as pa

from shared.findings import Findings, quoted
from shared.method.opportunities import Price
from shared.method.prices import PRICE_YEAR, SOURCE, STATUS, STATUSES, UNIT, VALUE, id_by_code

_TIMES = 10
"""By how much a price may differ from the method's before it is likely to be in another unit."""


def check_prices(table: pa.Table, prices: Mapping[str, Price], findings: Findings) -> None:
    """Add what is wrong with a file of prices (schema CURATED), in the order of its rows."""
    rows: dict[int, dict[str, Any]] = {}
    for cell in table.to_pylist():
        row = rows.setdefault(cell["row"], {"code": cell["code"]})
        row[cell["measure"]] = cell["value"] if cell["measure"] == VALUE else cell["text"]
    ids = id_by_code(prices)
    for number, row in sorted(rows.items()):
        code = row["code"]
        if (price_id := ids.get(code)) is not None:
            _check(row, price_id, prices[price_id], partial(findings.add, row=number, code=code))
            continue
        close = get_close_matches(code, ids, n=1)
        hint = f" (did you mean {ids[close[0]]!r}?)" if close else ""
        text = f"the method has no price called {quoted(code)}{hint}; name one of {', '.join(sorted(ids.values()))}."
        findings.add("error", "unknown_price", text, row=number, sample=code, code=code)


def _check(row: Mapping[str, Any], price_id: str, price: Price, add: "partial[None]") -> None:
    value, unit, status = row[VALUE], row[UNIT], row[STATUS]
    if value is None or value <= 0:
        what = "no value" if value is None else f"the value {value:g}"
        add("error", "price_value", f"{price_id} has {what}; write what one unit costs, above 0.", column=VALUE)
    if unit is None or _plain(unit) != _plain(price.unit):
        what = "no unit" if unit is None else f"the unit {quoted(unit)}"
        text = (
            f"{price_id} has {what}; convert its value to {quoted(price.unit)}, the unit in the method, and write that."
        )
        add("error", "price_unit", text, column=UNIT, sample=unit)
    elif value is not None and value > 0 and not 1 / _TIMES < value / price.value < _TIMES:
        text = (
            f"{price_id} is {value:,.10g} {price.unit}; in the method it is {price.value:,.10g}. It is used as it is. "
            "If the figure is in another unit, such as thousands, convert it and land the file again."
        )
        add("warning", "price_size", text, column=VALUE, sample=f"{value:.10g}")
    for name, what in ((PRICE_YEAR, "price year"), (SOURCE, "source")):
        if row[name] is None:
            add("error", f"no_{name}", f"{price_id} has no {what}; write it: answers name it.", column=name)
    if status is None or status.casefold() not in STATUSES:
        what = "no status" if status is None else f"the status {quoted(status)}"
        add("error", "price_status", f"{price_id} has {what}; write {' or '.join(STATUSES)}.", column=STATUS)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
