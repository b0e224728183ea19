"""eric_trust_profile: ERIC trust level since cost fields moved to site level, each year in its own dialect.

2023-24: UTF-8 with a byte order mark, thousands separators, a blank last row.
2024-25: Windows code page, bare numbers, four titles renamed or mistyped.
"""

import csv
from io import StringIO

from samples.columns import NOT_APPLICABLE, Cell, columns, filler, written
from samples.draw import Draw
from samples.estates import PERIODS, region_title, type_then
from samples.programme import Trust, size, trusts_on

COLUMNS = columns("eric_trust_profile")
RENAMED_2024_25 = {
    "Energy managers (WTE)": "Energy managers (WTE)u",
    "WEEE waste volume (Tonnes)": "WEEE waste weight (Tonnes)",
    **{
        f"{saved} (CO2e (tonnes))": f"{saved} (Tonnes CO2e)"
        for saved in (
            "Waste re-use scheme - Carbon savings",
            "Carbon savings from investment in energy efficient schemes",
        )
    },
}
_SITES = tuple(column.title for column in COLUMNS if column.title.startswith("Number of sites - "))
_INCOME = tuple(
    column.title for column in COLUMNS if column.title.startswith(("Contribution to costs", "Income from car"))
)
_SCHEME = "Does the trust have a waste reuse scheme (Yes/No)"
_SCHEMES = "Number of energy efficient schemes (No)"
_DEPENDENT = {  # column that tells whether others apply: those others
    _SCHEME: (
        "Waste re-use scheme - Cost savings (£)",
        "Waste re-use scheme - Carbon savings (CO2e (tonnes))",
    ),
    _SCHEMES: (
        "Energy efficient schemes costs (£)",
        "Carbon savings from investment in energy efficient schemes (CO2e (tonnes))",
    ),
}


def landing_files() -> dict[str, bytes]:
    rows = {period: [_row(trust, period) for trust in trusts_on(day)] for period, day in PERIODS.items()}
    titles = [column.title for column in COLUMNS]
    before = [titles, *([_separated(cell) for cell in row] for row in rows["2023-24"]), [""] * len(titles)]
    after = [
        [RENAMED_2024_25.get(title, title) for title in titles],
        *([written(cell) for cell in row] for row in rows["2024-25"]),
    ]
    return {
        "eric_trust_profile/2023-24/eric_2023_24_trust_data.csv": _csv(before).encode("utf-8-sig"),
        "eric_trust_profile/2024-25/eric_2024_25_trust_data.csv": _csv(after).encode("cp1252"),
    }


def _csv(rows: list[list[str]]) -> str:
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _separated(cell: Cell) -> str:
    match cell:
        case str():
            return cell
        case int():
            return f"{cell:,}"
        case _:
            return f"{cell:,.2f}"


def _row(trust: Trust, period: str) -> list[Cell]:
    draw = Draw.of("eric profile", trust.code, period)
    row: dict[str, Cell] = {
        column.title: filler(column.unit, size(trust).area, draw)
        if trust.kind.beds or column.for_ambulances
        else NOT_APPLICABLE
        for column in COLUMNS
    }
    row |= {
        "Trust Code": trust.code,
        "Trust Name": trust.name.upper(),
        "Commissioning Region": region_title(trust),
        "Trust Type": type_then(trust, period),
        "Total number of sites (No.)": _sum(row, _SITES),
        "Deaths resulting from fires (No.)": 0,
    }
    row |= {title: -income for title in _INCOME if not isinstance(income := row[title], str)}
    row["Total contributions (£)"] = _sum(row, _INCOME)
    for condition, others in _DEPENDENT.items():
        if row[condition] in ("No", 0):
            row |= dict.fromkeys(others, NOT_APPLICABLE)
    if trust.kind.beds:
        row["Type of Medical Records (Select)"] = draw.choice(("1. Paper", "2. Electronic", "3. Mixed"))
        row["Medical Records service provision (Select)"] = draw.choice(("Hybrid", "Internal", "External"))
    return list(row.values())


def _sum(row: dict[str, Cell], titles: tuple[str, ...]) -> float:
    return sum(cell for title in titles if not isinstance(cell := row[title], str))
