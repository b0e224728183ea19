"""eric_trust: the Estates Returns Information Collection as it was until cost fields moved to site level.

`$`-delimited, a section row above the header row, and the pound signs of two sections broken to U+FFFD.
"""

from datetime import date

from samples.columns import NO_DATA, NOT_APPLICABLE, Cell, columns, filler, written
from samples.draw import Draw
from samples.programme import REGIONS, SMALL, Trust, size, trusts_on

PERIODS = {"2023-24": date(2024, 3, 31), "2024-25": date(2025, 3, 31)}
COLUMNS = columns("eric_trust")
SECTIONS_WITH_BROKEN_POUNDS = ("Contracted Out Services", "Finance")
INFLATION = {"2023-24": 0.97, "2024-25": 1.0}

KIND_THEN = {("RI3", "2023-24"): SMALL}  # a trust that changed its type since

# What single trusts are to show; samples/README.md names the status or flag of each.
SLIPS_IN = "2024-25"
SLIPS: dict[str, dict[str, Cell]] = {
    "RIE": {"Cleaning service cost (£)": 0},
    "RIT": {"Energy costs (all energy supplies) (£)": NO_DATA},
    "ROR": {"Laundry and linen service cost (£)": 1680, "Pieces per annum (No.)": 4200},
    "RI8": {"Floor area - empty (%)": 0, "Floor area - under used (%)": 0},
}
FACTORS = {
    ("RIU", "waste"): 16.0,
    ("RIF", "portering"): 4.2,
    ("ROQ", "portering"): 0.15,
    ("RI7", "hard FM"): 0.25,  # most of it was left out: less than its maintenance alone
}

CHOICES = {
    "Carbon reduction target (Select)": (
        "1. On track to meet target",
        "2. Target included but not on track to be met",
        "3. No target included in plan",
    ),
    "NHS Premises and Facilities Assurance - Assessment/Approval (Select)": (
        "2. Assessed and approved by the organisation's board - no Peer Review",
        "4. Assessment commenced but not complete",
        "5. No assessment undertaken",
    ),
    "NHS Premises and Facilities Assurance - action plan (Select)": (
        "2. Action plan approved by the organisations board and being implemented",
        "4. No action plan produced",
        "5. No assessment/action plan",
    ),
}


def _titles(start: str) -> tuple[str, ...]:
    return tuple(column.title for column in COLUMNS if column.title.startswith(start))


_AGES = _titles("Age profile - ")[:-1]
_BACKLOG = _titles("Cost to eradicate ")[:4]
_CLEANING_BY_RISK = dict(zip(_titles("Cost of cleaning "), (0.3, 0.5, 0.17, 0.03), strict=True))
_FLOORS_BY_RISK = dict(
    zip(
        (*_titles("Occupied floor area assessed"), *_titles("Occupied floor area not")),
        (12, 55, 26, 7),
        strict=True,
    )
)


def landing_files() -> dict[str, bytes]:
    return {f"eric_trust/{period}/ERIC-{period}.csv": _file(period) for period in PERIODS}


def region_title(trust: Trust) -> str:
    return f"{REGIONS[trust.region]} commissioning region".upper()


def type_then(trust: Trust, period: str) -> str:
    return KIND_THEN.get((trust.code, period), trust.kind_name)


def _file(period: str) -> bytes:
    sections, titles, seen = [], [], {""}
    for column in COLUMNS:
        sections.append("" if column.section in seen else column.section)
        seen.add(column.section)
        broken = column.section in SECTIONS_WITH_BROKEN_POUNDS
        titles.append(column.title.replace("£", "\ufffd") if broken else column.title)
    lines = [sections, titles, *(_row(trust, period) for trust in trusts_on(PERIODS[period]))]
    return "".join("$".join(line) + "\n" for line in lines).encode()


def figures(trust: Trust, period: str) -> dict[str, Cell]:
    """Title → cell, of a trust in a year, for every column that a metric uses."""
    lasting, yearly = Draw.of("eric", trust.code), Draw.of("eric", trust.code, period)
    known = _known(trust, period, lasting, yearly)
    here = {column.title for column in COLUMNS if trust.kind.beds or column.for_ambulances}
    return {title: cell if title in here else NOT_APPLICABLE for title, cell in known.items()}


def _known(trust: Trust, period: str, lasting: Draw, yearly: Draw) -> dict[str, Cell]:
    area = _areas(trust, lasting)
    known = area | _costs(trust, period, area, lasting, yearly) | _shares(lasting)
    known |= {
        "Organisation Code": trust.code,
        "Organisation Name": trust.name.upper(),
        "Commissioning Region": region_title(trust),
        "Organisation Type": type_then(trust, period),
        **{title: yearly.choice(choices) for title, choices in CHOICES.items()},
        "Number of deaths resulting from fire(s) (No.)": 0,
        "Average fee charged per hour for staff parking (£)": round(yearly.around(0.3, 0.8), 2),
    }
    fee = "Average fee charged per hour for patient/visitor parking (£)"
    known[fee] = round(yearly.around(1.2, 0.5), 2) if yearly.random() < 0.8 else NO_DATA
    if period == SLIPS_IN:
        known |= SLIPS.get(trust.code, {})
    return known


def _row(trust: Trust, period: str) -> list[str]:
    lasting, yearly = Draw.of("eric", trust.code), Draw.of("eric", trust.code, period)
    known = _known(trust, period, lasting, yearly)
    gross, cells = size(trust).area, []
    for column in COLUMNS:
        spare = filler(column.unit, gross, yearly)
        here = trust.kind.beds or column.for_ambulances
        cells.append(written(known.get(column.title, spare)) if here else NOT_APPLICABLE)
    return cells


def _areas(trust: Trust, draw: Draw) -> dict[str, Cell]:
    gross = round(size(trust).area)
    occupied = round(gross * draw.between(0.75, 1, 0.95, 0.05))
    described = round(gross * draw.between(0.75, 1, 0.92, 0.05))
    non_clinical = round(described * draw.between(0.15, 0.6, trust.kind.non_clinical, 0.06))
    return {
        "Gross internal floor area (m²)": gross,
        "Occupied floor area (m²)": occupied,
        "NHS estate occupied floor area (%)": round(100 * draw.between(0.6, 1, 0.96, 0.05), 2),
        "Site heated volume (m³)": round(gross * draw.around(2.47, 0.1)),
        "Building footprint (m²)": round(gross * draw.around(0.5, 0.2)),
        "Site land area (Hectare)": round(gross * draw.around(2.3e-4, 0.4), 2),
        "Clinical space (m²)": described - non_clinical,
        "Non-clinical space (m²)": non_clinical,
        "Floor area - empty (%)": round(draw.around(1.6, 0.9), 2),
        "Floor area - under used (%)": round(draw.around(1.0, 0.9), 2),
    }


def _costs(trust: Trust, period: str, area: dict[str, Cell], lasting: Draw, yearly: Draw) -> dict[str, Cell]:
    kind = trust.kind
    gross, occupied = float(area["Gross internal floor area (m²)"]), float(area["Occupied floor area (m²)"])
    thrift = lasting.around(1, 0.08)

    def factor(cost: str) -> float:
        return FACTORS.get((trust.code, cost), 1.0) if period == SLIPS_IN else 1.0

    def spend(amount: float, rate: float, spread: float = 0.2) -> int:
        price = thrift * INFLATION[period] * lasting.around(rate, spread) * yearly.around(1, 0.03)
        return round(amount * price)

    meals = round(occupied * lasting.around(kind.meals, 0.15))
    pieces = round(occupied * lasting.around(kind.pieces, 0.2))
    cleaning, food = spend(occupied, kind.cleaning), spend(meals, 4.0)
    portering = round(spend(occupied, kind.portering, 0.25) * factor("portering"))
    laundry = spend(pieces, kind.piece_cost, 0.15)
    maintenance, energy = spend(gross, kind.maintenance, 0.25), spend(gross, kind.energy)
    water, sewage = spend(gross, 1.45), spend(gross, 1.4, 0.25)
    waste = spend(occupied, kind.waste, 0.25)
    hard = maintenance + energy + water + sewage + waste + spend(gross, kind.other_hard)
    soft = cleaning + food + portering + laundry + spend(occupied, kind.other_soft)
    wastes = lasting.parts(
        round(waste * factor("waste")),
        {
            "Clinical waste cost (£)": 0.4,
            "Special waste cost (£)": 0.12,
            "Domestic waste cost (£)": 0.35,
            "Waste recycling, recovery cost (£)": 0.13,
        },
        0.4,
    )
    by_risk = lasting.parts(cleaning, _CLEANING_BY_RISK, 0.2)
    backlog = lasting.parts(spend(gross, 95, 0.8), dict.fromkeys(_BACKLOG, 1.0), 0.5)
    return {
        "Hard FM (Estates) costs (£)": round(hard * factor("hard FM")),
        "Soft FM (Hotel services) costs (£)": soft,
        "Estates and facilities finance costs (£)": spend(gross, 110, 0.4),
        "Maintenance service costs (£)": maintenance,
        "Energy costs (all energy supplies) (£)": energy,
        "Electricity consumed (kWh)": round(energy * lasting.around(4.8, 0.15)),
        "Gas consumed (kWh)": round(energy * lasting.around(11.5, 0.2)),
        "Coal consumed (kWh)": 0,
        "Water cost (£)": water,
        "Sewage cost (£)": sewage,
        "Water volume (including borehole) (m³)": round(water / lasting.around(1.6, 0.1)),
        **wastes,
        "Clinical waste volume (Tonnes)": round(wastes["Clinical waste cost (£)"] / 450, 2),
        "Special waste volume (Tonnes)": round(wastes["Special waste cost (£)"] / 500, 2),
        "Cleaning service cost (£)": cleaning,
        "Cleaning staff (WTE)": round(cleaning / lasting.around(25e3, 0.1), 2),
        **by_risk,
        "Inpatient food service cost (£)": food,
        "Inpatient main meals requested (No.)": meals,
        "Cost of feeding one inpatient per day (inpatient meal day) (£)": round(3 * food / max(meals, 1), 2),
        "Laundry and linen service cost (£)": laundry,
        "Pieces per annum (No.)": pieces,
        "Portering service cost (£)": portering,
        "Portering staff (WTE)": round(portering / lasting.around(26e3, 0.1), 2),
        **backlog,
        "Cost to eradicate backlog (£)": sum(backlog.values()),
        "Value of contracted out services (£)": spend(gross, 61, 0.6),
    }


def _shares(draw: Draw) -> dict[str, Cell]:
    """Percentages that add up to 100, in hundredths."""
    ages = draw.parts(100_00, dict.fromkeys(_AGES, 1.0), 0.6)
    floors = draw.parts(100_00, _FLOORS_BY_RISK, 0.2)
    return {
        **{title: share / 100 for title, share in (ages | floors).items()},
        "Age profile - total (must equal 100%) (%)": 100,
        **{
            title: round(draw.between(70, 100, 94, 4), 2)
            for title in (*_titles("Required standard"), *_titles("Achieved standard"))
        },
    }
