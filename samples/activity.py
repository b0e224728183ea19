"""ae_monthly, outpatients_quarterly, general_acute_beds: what hospitals did, and what of it they recorded."""

from collections.abc import Iterable
from datetime import date

from samples.draw import Draw
from samples.programme import REGIONS, SPECIALIST, Trust, size, trusts_on
from samples.workforce import MONTHS

AE_MONTHS = {date(2025, 2, 1): False, date(2025, 3, 1): True}  # month: whether it has the stray columns
AE_COLUMNS = (
    "A&E attendances Type 1",
    "A&E attendances Type 2",
    "A&E attendances Other A&E Department",
    "A&E attendances Booked Appointments Type 1",
    "A&E attendances Booked Appointments Type 2",
    "A&E attendances Booked Appointments Other Department",
    "Attendances over 4hrs Type 1",
    "Attendances over 4hrs Type 2",
    "Attendances over 4hrs Other Department",
    "Attendances over 4hrs Booked Appointments Type 1",
    "Attendances over 4hrs Booked Appointments Type 2",
    "Attendances over 4hrs Booked Appointments Other Department",
    "Patients who have waited 4-12 hs from DTA to admission",
    "Patients who have waited 12+ hrs from DTA to admission",
    "Emergency admissions via A&E - Type 1",
    "Emergency admissions via A&E - Type 2",
    "Emergency admissions via A&E - Other A&E department",
    "Other emergency admissions",
)
AE_OTHERS = {  # code: region, name
    "YIO214": ("Y91", "TARNSIDE WALK IN CENTRE (FICTIONAL)"),
    "YIO676": ("Y94", "NOWHERE JUNCTION MINOR INJURIES UNIT (FICTIONAL)"),
    "NIOF5": ("Y92", "MIDDLING PLASTERS LTD (FICTIONAL)"),
    "CI2009": ("Y93", "WOLDS END MEDICAL PRACTICE (FICTIONAL)"),
}

NO_DNA_RECORDED, NOTHING_SEEN, HARDLY_ANY = "RO2", "ROU", "ROR"
INDEPENDENTS = tuple(f"NIO{nth:02}" for nth in range(1, 31))


def landing_files() -> dict[str, bytes]:
    files = {
        f"ae_monthly/{month:%Y-%m}/ae_activity_{month:%Y-%m}.csv": _ae(month, stray)
        for month, stray in AE_MONTHS.items()
    }
    files["outpatients_quarterly/2024-25-Q4/qar_2024-25_q4_provider.csv"] = _outpatients()
    files["general_acute_beds/2024-04_2025/england_critical_general_acute_beds.csv"] = _beds()
    return files


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    return "".join(",".join(map(str, row)) + "\n" for row in rows).encode()


def _ae(month: date, stray: bool) -> bytes:
    period = f"{month:MSitAE-%B-%Y}".replace(f"{month:%B}", f"{month:%B}".upper())
    rows = [(code, region, name, _walk_in(code, month)) for code, (region, name) in AE_OTHERS.items()]
    for trust in trusts_on(month):
        name = trust.name.upper()
        name = f'"{name}"' if "," in name else name
        rows.append((trust.code, trust.region, name, _emergencies(trust, month)))
    totals = [sum(column) for column in zip(*(counts for *_, counts in rows), strict=True)]
    total = ("Total", "Total ", "Total", "Total") if stray else ("TOTAL",) * 4
    more_titles, more = (("",) * 5 + ("a",), ("",) * 6) if stray else ((), ())
    return _lines(
        [
            ("Period", "Org Code", "Parent Org", "Org name", *AE_COLUMNS, *more_titles),
            *((period, code, _parent(region), name, *counts, *more) for code, region, name, counts in rows),
            (*total, *totals, *more),
        ]
    )


def _parent(region: str) -> str:
    """As published: every region but one ends in a blank."""
    title = f"NHS ENGLAND {REGIONS[region].upper()}"
    return title if region == "Y94" else f"{title} "


def _walk_in(code: str, month: date) -> list[int]:
    draw = Draw.of("ae", code, f"{month:%Y-%m}")
    return [0, 0, draw.count(600), *[0] * 5, draw.count(4), *[0] * 9]


def _emergencies(trust: Trust, month: date) -> list[int]:
    lasting, draw = Draw.of("ae", trust.code), Draw.of("ae", trust.code, f"{month:%Y-%m}")
    general = trust.kind.acute and trust.kind_name != SPECIALIST
    beds = size(trust).beds
    waits = lasting.between(0.12, 0.6, 0.37, 0.12)
    type_1 = draw.count(beds * lasting.around(15, 0.15)) if general else 0
    type_2 = draw.count(1400) if trust.code == "ROF" else 0
    other = draw.count(beds * lasting.around(5, 0.6)) if general or trust.kind_name == "COMMUNITY" else 0
    booked = draw.count(type_1 * 0.02)
    admitted = draw.count(type_1 * 0.28)
    waited = draw.count(admitted * 0.25)
    return [
        *(type_1, type_2, other, booked, 0, draw.count(other * 0.05)),
        *(draw.count(type_1 * waits), draw.count(type_2 * 0.03), draw.count(other * 0.02)),
        *(draw.count(booked * waits), 0, 0),
        *(waited, draw.count(waited * 0.3), admitted, draw.count(type_2 * 0.02), 0, draw.count(beds * 0.5)),
    ]


def _outpatients() -> bytes:
    header = (
        "code,inpatient_admissions,inpatient_failed_to_attend,outpatient_first_attendances_seen,"
        "outpatient_first_attendances_dna,outpatient_subsequent_attendances_seen,outpatient_subsequent_attendances_dna"
    )
    rows = [(trust.code, *_clinics(trust)) for trust in trusts_on(date(2025, 3, 31)) if trust.kind.beds]
    rows += [(code, *_independent(code)) for code in INDEPENDENTS]
    return _lines([header.split(","), *sorted(rows), ("NA",) * 7, ("NA",) * 7])


def _clinics(trust: Trust) -> list[int]:
    draw = Draw.of("outpatients", trust.code)
    if trust.code == NOTHING_SEEN:
        return [0] * 6
    if trust.code == HARDLY_ANY:
        return [0, 0, 21, 7, 84, 16]
    beds = size(trust).beds
    first = draw.count(beds * draw.around(55 if trust.kind.acute else 25, 0.2))
    again = draw.count(first * draw.around(2.1, 0.2))
    missed_first = draw.count(first * draw.around(0.075, 0.25))
    missed_again = draw.count(again * draw.around(0.08, 0.25))
    admitted = draw.count(beds * 14) if trust.kind.acute else 0
    if trust.code == NO_DNA_RECORDED:
        missed_first = missed_again = 0
    return [admitted, draw.count(admitted * 0.025), first, missed_first, again, missed_again]


def _independent(code: str) -> list[int]:
    draw = Draw.of("outpatients", code)
    first = draw.count(draw.around(600, 0.6))
    missed = 0.06 if draw.random() < 0.7 else 0.0
    again = draw.count(2 * first)
    return [draw.count(250), 0, first, draw.count(first * missed), again, draw.count(again * missed)]


def _beds() -> bytes:
    wards = "general_acute_beds", "adult_general_acute_beds", "paediatric_general_acute_beds"
    header = ["nhs_trust22_code", "date"]
    for ward in wards:
        header += [f"{ward}_available", f"{ward}_occupied", f"{ward}_occupancy_rate"]
    for unit in ("adult_critical_care", "paediatric_intensive_cared"):
        header += [f"{unit}_beds_available", f"{unit}_beds_occupied", f"{unit}_occupancy_rate"]
    unit = "neonatal_intensive_care"
    header += [f"{unit}_bed_available", f"{unit}_bed_occupied", f"{unit}_occupancy_rate"]
    rows: list[Iterable[object]] = [[f'"{title}"' for title in header]]
    for month in MONTHS:
        hospitals = (trust for trust in trusts_on(month) if trust.kind.acute)
        rows += [(f'"{trust.code}"', f'"{month:%B %Y}"', *_wards(trust, month)) for trust in hospitals]
    return _lines(rows)


def _wards(trust: Trust, month: date) -> list[object]:
    lasting, draw = Draw.of("beds", trust.code), Draw.of("beds", trust.code, f"{month:%Y-%m}")
    adults = round(size(trust).beds * draw.around(0.9, 0.02))
    children = round(adults * lasting.around(0.06, 0.4)) if trust.kind_name != SPECIALIST else None
    occupancy = lasting.between(0.75, 0.97, 0.92, 0.04)
    full, young = round(adults * occupancy * draw.around(1, 0.01)), None
    if children is not None:
        young = min(children, round(children * draw.between(0.4, 1, 0.65, 0.08)))
    cells: list[object] = []
    for available, occupied in (
        (adults + (children or 0), full + (young or 0)),
        (adults, full),
        (children, young),
        (round(adults * 0.04), round(adults * 0.03)),
        (0, 0) if children is not None else (None, None),
        (round((children or 0) * 0.3), round((children or 0) * 0.2)),
    ):
        rate = round(occupied / available, 3) if available and occupied is not None else None
        cells += ["NA" if cell is None else cell for cell in (available, occupied, rate)]
    return cells
