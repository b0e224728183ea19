"""The real NHS files read a second way: just the columns that opportunities use, by the csv module alone."""

import csv
import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from tests.oracles.opportunities import Fact, Pair

ERIC = {
    "Organisation Type": "trust_type",
    "Cleaning service cost": "cleaning_service_cost",
    "Hard FM (Estates) costs": "hard_fm_cost",
    "Soft FM (Hotel services) costs": "soft_fm_cost",
    "Maintenance service costs": "maintenance_service_cost",
    "Energy costs (all energy supplies)": "energy_cost",
    "Water cost": "water_cost",
    "Sewage cost": "sewage_cost",
    "Clinical waste cost": "clinical_waste_cost",
    "Special waste cost": "special_waste_cost",
    "Domestic waste cost": "domestic_waste_cost",
    "Waste recycling, recovery cost": "waste_recycling_cost",
    "Inpatient food service cost": "inpatient_food_cost",
    "Inpatient main meals requested": "inpatient_main_meals",
    "Laundry and linen service cost": "laundry_linen_cost",
    "Pieces per annum": "laundry_pieces",
    "Portering service cost": "portering_cost",
    "Gross internal floor area": "gross_internal_floor_area",
    "Occupied floor area": "occupied_floor_area",
    "Clinical space": "clinical_space",
    "Non-clinical space": "non_clinical_space",
    "Floor area - empty": "empty_floor_area_percent",
    "Floor area - under used": "under_used_floor_area_percent",
}
UNITS = re.compile(r" \((No\.|%|[^()a-zA-Z]{1,6}|m[^()]{1,6})\)$")

KINDS = {
    "Type 1": "type_1",
    "Type 2": "type_2",
    "Booked Appointments Type 1": "booked_type_1",
    "Booked Appointments Type 2": "booked_type_2",
    "Booked Appointments Other Department": "booked_other",
}
AE = {
    "A&E attendances Other A&E Department": "attendances_other",
    "Attendances over 4hrs Other Department": "over_4h_other",
    **{f"A&E attendances {kind}": f"attendances_{name}" for kind, name in KINDS.items()},
    **{f"Attendances over 4hrs {kind}": f"over_4h_{name}" for kind, name in KINDS.items()},
}
OUTPATIENTS = {
    "outpatient_first_attendances_seen": "first_seen",
    "outpatient_first_attendances_dna": "first_dna",
    "outpatient_subsequent_attendances_seen": "follow_up_seen",
    "outpatient_subsequent_attendances_dna": "follow_up_dna",
}
SICKNESS = {"FTE_DAYS_LOST": "fte_days_lost", "FTE_DAYS_AVAILABLE": "fte_days_available"}


def facts(landing: Path) -> list[Fact]:
    """Every figure that the opportunities of the shipped method need, and the registers."""
    found = [*_wide(landing, "eric_trust", "$", 1, "Organisation Code", ERIC)]
    found += _wide(landing, "sickness_absence", ",", 0, "ORG_CODE", SICKNESS)
    found += _wide(landing, "ae_monthly", ",", 0, "Org Code", AE)
    found += _wide(landing, "outpatients_quarterly", ",", 0, "code", OUTPATIENTS)
    for row in _table(landing / "ods_trusts/2025/etr.csv"):
        days = (date(2025, 1, 1), date(2025, 12, 31))
        found += [Fact("ods_trusts", row[0], *days, "name", "value", text=row[1])]
        found += [Fact("ods_trusts", row[0], *days, "region", "value", text=row[2])]
    for old, new, day in _table(landing / "ods_successors/2022/successors.csv")[1:]:
        found.append(Fact("ods_successors", old, *[date.fromisoformat(day)] * 2, "successor", "value", text=new))
    return found


def peers(data: Path) -> list[Pair]:
    """The published lists without the trust and its own successor."""
    heirs = {tuple(row[:2]) for row in _table(data / "reference/trust_peer_finder_successors.csv")}
    listed = _table(data / "landing/peer_lists/trust_peer_finder/peers.csv")[1:]
    return [Pair("trust_peer_finder", *row) for row in listed if row[0] != row[1] and tuple(row) not in heirs]


def _wide(
    landing: Path, dataset: str, delimiter: str, header: int, code: str, columns: dict[str, str]
) -> Iterator[Fact]:
    for file in sorted((landing / dataset).rglob("*.csv")):
        label = file.parent.name
        start, end = _days(label)
        rows = _table(file, delimiter)
        headings = [UNITS.sub("", heading) for heading in rows[header]]
        at = {measure: headings.index(heading) for heading, measure in columns.items() if heading in headings}
        assert set(at) == set(columns.values()), set(columns.values()) - set(at)
        for row in rows[header + 1 :]:
            name = row[headings.index(code)].strip()
            if name in ("", "NA") or name.upper() == "TOTAL":
                continue
            for measure, place in at.items():
                yield _fact(dataset, name, start, end, measure, row[place].strip(), label)


def _fact(dataset: str, code: str, start: date, end: date, measure: str, cell: str, label: str) -> Fact:
    if measure == "trust_type":
        return Fact(dataset, code, start, end, measure, "value", text=cell, label=label)
    if cell == "Not Applicable":
        return Fact(dataset, code, start, end, measure, "not_applicable", label=label)
    if cell in ("", "NA", "No Data Provided"):
        return Fact(dataset, code, start, end, measure, "missing", label=label)
    return Fact(dataset, code, start, end, measure, "value", float(cell), label=label)


def _days(label: str) -> tuple[date, date]:
    """2015-16 is a financial year (16 is no month), 2019-20-Q4 a quarter of one, 2024-09 a month."""
    year = int(label[:4])
    if label.endswith("Q4"):
        return date(year + 1, 1, 1), date(year + 1, 3, 31)
    if int(label[5:7]) > 12:
        return date(year, 4, 1), date(year + 1, 3, 31)
    month = int(label[5:7])
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _table(file: Path, delimiter: str = ",") -> list[list[str]]:
    with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        return list(csv.reader(lines, delimiter=delimiter))
