"""eric_site: the estates of 2024-25 by site, in the layout of that year.

What a trust's sites with costs have adds up to the trust's return (`samples.estates`), to the pound and square metre.
Leased sites come on top: they have areas and no costs. Nothing here exists.
"""

import csv
from collections.abc import Mapping
from io import StringIO

from samples.columns import NO_DATA, NOT_APPLICABLE, Cell, columns, filler, written
from samples.draw import Draw
from samples.estates import PERIODS, figures, region_title, type_then
from samples.programme import BOARDS, Trust, size, trusts_on

PERIOD = "2024-25"
COLUMNS = columns("eric_site")
_GENERAL, _COMMUNITY, _OTHER = (
    "General acute hospital",
    "Community hospital (with inpatient beds)",
    "Other Reportable Site",
)

# Title → the parts in which the trust's figure stands in the file of sites, and their shares.
_PARTS: dict[str, Mapping[str, float]] = {
    "Gross internal floor area (m²)": {"Gross internal floor area (m²)": 1},
    "Occupied floor area (m²)": {"Occupied floor area (m²)": 1},
    "Clinical space (m²)": {
        "Clinical space - other (m²)": 0.86,
        "Pathology (m²)": 0.08,
        "Private patient (m²)": 0.03,
        "Clinical Sterile Services Dept. (CSSD) (m²)": 0.03,
    },
    "Non-clinical space (m²)": {
        "Non-clinical space - other (m²)": 0.45,
        "General Administration (m²)": 0.25,
        "Medical records (m²)": 0.08,
        "Human Resources (m²)": 0.04,
        "Information Technology (m²)": 0.05,
        "Restaurants and cafés (m²)": 0.06,
        "Staff Accommodation (m²)": 0.07,
    },
    "Maintenance service costs (£)": {"Estates and property maintenance (£)": 1},
    "other hard": {
        "Other Hard FM (Estates) costs (£)": 0.6,
        "Electro Bio Medical Equipment maintenance (£)": 0.3,
        "Grounds and gardens maintenance (£)": 0.1,
    },
    "other soft": {"Other Soft FM (Hotel Services) costs (£)": 1},
    "Energy costs (all energy supplies) (£)": {
        "Electricity - other costs (£)": 0.42,
        "Gas costs (£)": 0.38,
        "Electricity - green electricity tariff costs (£)": 0.1,
        "Electricity purchased from CHP costs (£)": 0.06,
        "Oil costs (£)": 0.02,
        "Other energy costs (£)": 0.02,
    },
    "water": {"Water and sewerage cost (£)": 1},
    "waste": {
        "Incineration (clinical waste) cost (£)": 0.25,
        "Alternative Treatment (clinical waste) cost (£)": 0.15,
        "Offensive waste cost (£)": 0.1,
        "Domestic waste (incineration) cost (£)": 0.2,
        "Domestic waste (recycling) cost (£)": 0.15,
        "Domestic waste (food) cost (£)": 0.05,
        "Confidential waste cost (£)": 0.05,
        "Other waste costs (£)": 0.05,
    },
    "Cleaning service cost (£)": {"Cleaning service cost (£)": 1},
    "Inpatient food service cost (£)": {"Inpatient food service cost (£)": 1},
    "Inpatient main meals requested (No.)": {"Inpatient main meals requested (No.)": 1},
    "Laundry and linen service cost (£)": {
        "Laundry and linen contracted full service cost (£)": 0.7,
        "Laundry service cost (£)": 0.2,
        "Linen service cost (£)": 0.1,
    },
    "Pieces per annum (No.)": {"Laundered pieces per annum (No.)": 1},
    "Portering service cost (£)": {"Portering service cost (£)": 1},
    "empty": {"Floor area - empty (m²)": 1},
    "under used": {"Floor area - under used (m²)": 1},
}
_PLANNED = {part for parts in _PARTS.values() for part in parts}
_ZERO = tuple(
    column.title
    for column in COLUMNS
    if column.title not in _PLANNED
    and (
        (column.title.startswith(("Electricity", "Non-fossil", "Thermal energy purchased")) and "costs" in column.title)
        or ("waste" in column.title and "cost" in column.title)
    )
)
"""Costs that belong to energy or waste and that no site of the samples has."""

_AREAS_OF_LEASED = ("Gross internal floor area (m²)", "Occupied floor area (m²)", "Clinical space - other (m²)")


def landing_files() -> dict[str, bytes]:
    text = StringIO()
    rows = [row for trust in trusts_on(PERIODS[PERIOD]) for row in _rows(trust)]
    csv.writer(text, lineterminator="\n").writerows([[column.title for column in COLUMNS], *rows])
    return {f"eric_site/{PERIOD}/ERIC_{PERIOD}_site.csv": text.getvalue().encode("cp1252")}


def _rows(trust: Trust) -> list[list[str]]:
    draw = Draw.of("sites", trust.code)
    names = {f"{trust.code}{nth:02}": 1 / (nth + 0.4) for nth in range(1, draw.choice((3, 4, 5, 6)))}
    if draw.random() < 0.5:
        names[f"{trust.code}ORS"] = 0.15
    whole = _whole(trust)
    cells: dict[str, dict[str, Cell]] = {code: {} for code in names}
    for title, parts in _PARTS.items():
        for part, share in _split(whole[title], parts, draw).items():
            for code, cell in _split(share, names, draw).items():
                cells[code][part] = cell
    sites = [_site(trust, code, cells[code], draw) for code in sorted(names)]
    if draw.random() < 0.4:
        sites.append(_leased(trust, draw))
    return sites


def _split(whole: Cell, shares: Mapping[str, float], draw: Draw) -> dict[str, Cell]:
    """A figure in parts that add up to it. What is no figure is so in the first part, and the others are zero."""
    if isinstance(whole, str):
        first = next(iter(shares))
        return {name: whole if name == first or whole == NOT_APPLICABLE else 0 for name in shares}
    sign = -1 if whole < 0 else 1
    return {name: sign * part for name, part in draw.parts(round(abs(whole)), shares, 0.2).items()}


def _whole(trust: Trust) -> dict[str, Cell]:
    """The trust's figures by title, with those that sites have and its own return has not."""
    known = dict(figures(trust, PERIOD))

    def less(total: str, *parts: str) -> Cell:
        cells = [known[title] for title in (total, *parts)]
        numbers = [cell for cell in cells if not isinstance(cell, str)]
        return numbers[0] - sum(numbers[1:]) if len(numbers) == len(cells) else known[total]

    def added(*titles: str) -> Cell:
        cells = [known[title] for title in titles]
        texts = [cell for cell in cells if isinstance(cell, str)]
        return texts[0] if texts else sum(cell for cell in cells if not isinstance(cell, str))

    services = ("Cleaning service cost (£)", "Inpatient food service cost (£)", "Laundry and linen service cost (£)")
    known["other hard"] = less("Hard FM (Estates) costs (£)", "Maintenance service costs (£)")
    known["other soft"] = less("Soft FM (Hotel services) costs (£)", *services, "Portering service cost (£)")
    known["water"] = added("Water cost (£)", "Sewage cost (£)")
    wastes = ("Clinical waste cost (£)", "Special waste cost (£)", "Domestic waste cost (£)")
    known["waste"] = added(*wastes, "Waste recycling, recovery cost (£)")
    for name, title in (("empty", "Floor area - empty (%)"), ("under used", "Floor area - under used (%)")):
        percent, occupied = known[title], known["Occupied floor area (m²)"]
        both = not isinstance(percent, str) and not isinstance(occupied, str)
        known[name] = round(float(percent) * float(occupied) / 100) if both else percent
    return known


def _site(trust: Trust, code: str, cells: Mapping[str, Cell], draw: Draw) -> list[str]:
    gross = cells["Gross internal floor area (m²)"]
    area = size(trust).area / 5 if isinstance(gross, str) else float(gross)
    other = code.endswith("ORS")
    kind = _OTHER if other else _GENERAL if code.endswith("01") else _COMMUNITY
    name = "OTHER REPORTABLE SITES" if other else f"{trust.name} site {code[-2:]}".upper()
    known: dict[str, Cell] = {**dict.fromkeys(_ZERO, 0), **cells}
    return _row(trust, code, name, kind, "Freehold", known, area, draw)


def _leased(trust: Trust, draw: Draw) -> list[str]:
    area = round(size(trust).area * draw.between(0.01, 0.08, 0.04, 0.02))
    known: dict[str, Cell] = {column.title: NOT_APPLICABLE for column in COLUMNS if column.unit == "£"}
    known |= {title: 0 for title in _PLANNED if title.endswith("(m²)")}
    known |= dict.fromkeys(_AREAS_OF_LEASED, area)
    known |= dict.fromkeys(("Laundered pieces per annum (No.)", "Inpatient main meals requested (No.)"), NOT_APPLICABLE)
    name = f"{trust.name} leased clinic".upper()
    return _row(trust, f"{trust.code}L1", name, "Non inpatient", "Leasehold", known, area, draw)


def _row(
    trust: Trust, code: str, name: str, kind: str, tenure: str, known: Mapping[str, Cell], area: float, draw: Draw
) -> list[str]:
    own: dict[str, Cell] = {
        "Trust Code": trust.code,
        "Trust Name": trust.name.upper(),
        "Commissioning Region": region_title(trust),
        "Trust Type": type_then(trust, PERIOD),
        "Site Code": code,
        "Site Name": name,
        "Integrated Care Board": BOARDS[trust.board][0].upper(),
        "Site Type": kind,
        "Tenure": tenure,
        "Average fee charged per hour for patient/visitor parking (£)": NO_DATA,
        "Average fee charged per hour for staff parking (£)": NO_DATA,
        **known,
    }
    return [written(_cell(column.title, column.unit, own, area, draw)) for column in COLUMNS]


def _cell(title: str, unit: str, known: Mapping[str, Cell], area: float, draw: Draw) -> Cell:
    spare = "" if unit in ("text", "Select", "Notes") else filler(unit, area, draw)
    if title not in known and unit == "m²":
        spare = 0
    return known.get(title, spare)
