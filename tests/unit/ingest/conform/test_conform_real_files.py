"""Every real file, against a slow second reading of it, cell by cell."""

import re
from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal

import pytest

from functions.ingest.conform.conform import conform
from shared.keys import slot_of
from tests.oracles.slow_reader import Line, figure, lines
from tests.support.conforming import conformed, datasets, files_of
from tests.support.paths import REAL_DATA, SAMPLES, needs_real_data

pytestmark = needs_real_data

LANDING = REAL_DATA / "landing"
STATES = {"": "missing", "NA": "missing", "No Data Provided": "missing", "Not Applicable": "not_applicable"}


def held(path) -> dict[tuple[str, date | None, str], dict]:
    """The table by code, first day and measure, which no two rows share."""
    rows = conformed(LANDING, path).table.to_pylist()
    found = {(row["code"], row["period_start"], row["measure"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def agree(path: str, records: list[Line], code: str, columns: dict[str, str], start) -> None:
    """Each record's cells under `columns` (measure → heading) are what the table has, and the table has no more."""
    found, expected = held(path), 0
    for record in records:
        for measure, heading in columns.items():
            cell = record.cells[heading].strip()
            row = found[record.cells[code].strip(), start(record), measure]
            expected += 1
            assert row["row"] == record.number
            if (state := STATES.get(cell)) is not None:
                assert (row["state"], row["value"], row["text"]) == (state, None, None)
            elif row["text"] is not None:
                assert (row["state"], row["text"]) == ("value", " ".join(cell.split()))
            else:
                assert (row["state"], row["value"]) == ("value", figure(cell))
    assert sum(measure in columns for _, _, measure in found) == expected


def without_units(records: list[Line]) -> list[Line]:
    """Headings without what stands in brackets at their end, where the pound signs are broken."""
    return [
        Line(number, {re.sub(r" \([^()]*(\(\w+\))?\)u?$", "", heading): cell for heading, cell in cells.items()})
        for number, cells in records
    ]


def year(first: int):
    return lambda record: date(first, 4, 1)


def day(text: str, form: str) -> date:
    return datetime.strptime(text, form).date()  # noqa: DTZ007 — a day has no zone


@pytest.mark.parametrize("path", files_of(LANDING))
def test_every_real_file_is_accepted(path):
    result = conform((LANDING / path).read_bytes(), slot_of(path), path, datasets()[slot_of(path).dataset])
    assert result.table is not None, [finding.message for finding in result.findings.detail]


@pytest.mark.parametrize("path", files_of(SAMPLES))
def test_every_sample_is_accepted(path):
    result = conformed(SAMPLES, path)
    assert result.table is not None, [finding.message for finding in result.findings.detail]


ERIC = {
    "name": "Organisation Name",
    "region": "Commissioning Region",
    "trust_type": "Organisation Type",
    "cleaning_service_cost": "Cleaning service cost",
    "occupied_floor_area": "Occupied floor area",
    "gross_internal_floor_area": "Gross internal floor area",
    "hard_fm_cost": "Hard FM (Estates) costs",
    "soft_fm_cost": "Soft FM (Hotel services) costs",
    "maintenance_service_cost": "Maintenance service costs",
    "energy_cost": "Energy costs (all energy supplies)",
    "water_cost": "Water cost",
    "sewage_cost": "Sewage cost",
    "clinical_waste_cost": "Clinical waste cost",
    "special_waste_cost": "Special waste cost",
    "domestic_waste_cost": "Domestic waste cost",
    "waste_recycling_cost": "Waste recycling, recovery cost",
    "inpatient_food_cost": "Inpatient food service cost",
    "inpatient_main_meals": "Inpatient main meals requested",
    "laundry_linen_cost": "Laundry and linen service cost",
    "laundry_pieces": "Pieces per annum",
    "portering_cost": "Portering service cost",
    "clinical_space": "Clinical space",
    "non_clinical_space": "Non-clinical space",
    "empty_floor_area_percent": "Floor area - empty",
    "under_used_floor_area_percent": "Floor area - under used",
    "backlog": "Cost to eradicate backlog",
    "backlog_investment": "Investment to reduce backlog maintenance",
    "visitor_parking_fee": "Average fee charged per hour for patient/visitor parking",
    "fires": "Fires recorded",
}


def test_eric_2015_16():
    path = "eric_trust/2015-16/ERIC-2015-16.csv"
    records = without_units(lines((LANDING / path).read_bytes(), "$", header_line=2))
    assert len(records) == 238
    agree(path, records, "Organisation Code", ERIC, year(2015))
    warned = {(finding.rule, finding.code) for finding in conformed(LANDING, path).findings.detail}
    above = {
        record.cells["Organisation Code"]
        for record in records
        if int(record.cells["Maintenance service costs"]) > int(record.cells["Hard FM (Estates) costs"])
    }
    assert (
        {code for rule, code in warned if rule == "maintenance_within_hard_fm"}
        == above
        == {"RF4", "RKB", "RQY", "RWK", "RWV", "RYY"}
    )


PROFILE = {
    "name": "Trust Name",
    "region": "Commissioning Region",
    "trust_type": "Trust Type",
    "sites": "Total number of sites",
    "energy_managers": "Energy managers",
    "reuse_scheme_savings": "Waste re-use scheme - Cost savings",
    "capital_new_build": "Capital investment for new build",
    "contribution_nhs": "Contribution to costs from NHS organisations",
    "income_parking_staff": "Income from car parking - staff",
    "contributions": "Total contributions",
    "subsidiary_staff": "Estates and Facilities staff employed by an NHS wholly owned subsidiary company",
    "medical_records_offsite_cost": "Medical Records cost - Offsite",
}


@pytest.mark.parametrize(
    ("path", "first", "waste"),
    [
        ("eric_trust_profile/2023-24/eric_2023_24_trust_data.csv", 2023, "WEEE waste volume"),
        ("eric_trust_profile/2024-25/eric_2024_25_trust_data.csv", 2024, "WEEE waste weight"),
    ],
)
def test_eric_profiles(path, first, waste):
    records = [record for record in without_units(lines((LANDING / path).read_bytes())) if record.cells["Trust Code"]]
    agree(path, records, "Trust Code", PROFILE | {"weee_waste_weight": waste}, year(first))
    assert conformed(LANDING, path).findings.detail == ()


def test_thousands_are_kept():
    """£31,964,018 that a public pipeline turned into £0."""
    row = held("eric_trust_profile/2023-24/eric_2023_24_trust_data.csv")["R0A", date(2023, 4, 1), "capital_new_build"]
    assert row["value"] == 31_964_018


@pytest.mark.parametrize("month", ["2024-04", "2024-05", "2024-06", "2024-07", "2024-08", "2024-09"])
def test_sickness_absence(month):
    path = f"sickness_absence/{month}/nhs_sickness_absence_{month}.csv"
    records = lines((LANDING / path).read_bytes())
    columns = {
        "name": "ORG_NAME",
        "organisation_type": "ORG_TYPE",
        "region": "NHSE_REGION_CODE",
        "icb": "ICS_CODE",
        "fte_days_lost": "FTE_DAYS_LOST",
        "fte_days_available": "FTE_DAYS_AVAILABLE",
        "sickness_absence_rate": "SICKNESS_ABSENCE_RATE_PERCENT",
    }
    agree(
        path,
        records,
        "ORG_CODE",
        columns,
        lambda record: day(record.cells["DATE"], "%d/%m/%Y").replace(day=1),
    )
    found = held(path)
    for (code, start, measure), row in found.items():
        if measure == "sickness_absence_rate":
            lost, available = (found[code, start, f"fte_days_{part}"]["value"] for part in ("lost", "available"))
            assert abs(100 * lost / available - row["value"]) <= 0.005 + 1e-9
            assert row["period_end"] == day(records[0].cells["DATE"], "%d/%m/%Y")


AE = {
    "attendances_type_1": "A&E attendances Type 1",
    "attendances_type_2": "A&E attendances Type 2",
    "attendances_other": "A&E attendances Other A&E Department",
    "attendances_booked_type_1": "A&E attendances Booked Appointments Type 1",
    "attendances_booked_type_2": "A&E attendances Booked Appointments Type 2",
    "attendances_booked_other": "A&E attendances Booked Appointments Other Department",
    "over_4h_type_1": "Attendances over 4hrs Type 1",
    "over_4h_type_2": "Attendances over 4hrs Type 2",
    "over_4h_other": "Attendances over 4hrs Other Department",
    "over_4h_booked_type_1": "Attendances over 4hrs Booked Appointments Type 1",
    "over_4h_booked_type_2": "Attendances over 4hrs Booked Appointments Type 2",
    "over_4h_booked_other": "Attendances over 4hrs Booked Appointments Other Department",
    "waits_4_to_12h_for_admission": "Patients who have waited 4-12 hs from DTA to admission",
    "waits_over_12h_for_admission": "Patients who have waited 12+ hrs from DTA to admission",
    "emergency_admissions_type_1": "Emergency admissions via A&E - Type 1",
    "emergency_admissions_type_2": "Emergency admissions via A&E - Type 2",
    "emergency_admissions_other": "Emergency admissions via A&E - Other A&E department",
    "other_emergency_admissions": "Other emergency admissions",
}


@pytest.mark.parametrize(("month", "unread"), [(8, ()), (9, ("column 23 (no heading)", "column 27 (no heading)", "a"))])
def test_ae_monthly(month, unread):
    path = f"ae_monthly/2024-{month:02}/ae_activity_2024-{month:02}.csv"
    *records, total = lines((LANDING / path).read_bytes())
    attributes = {"name": "Org name", "region_name": "Parent Org"}
    agree(path, records, "Org Code", AE | attributes, lambda record: date(2024, month, 1))
    assert set(unread) <= set(conformed(LANDING, path).columns_not_read)
    sums: defaultdict[str, float] = defaultdict(float)
    for (_, _, measure), row in held(path).items():
        sums[measure] += row["value"] or 0
    assert {measure: sums[measure] for measure in AE} == {
        measure: figure(total.cells[heading]) for measure, heading in AE.items()
    }


def test_outpatients():
    path = "outpatients_quarterly/2019-20-Q4/qar_2019-20_q4_provider.csv"
    records = [record for record in lines((LANDING / path).read_bytes()) if record.cells["code"] != "NA"]
    columns = {
        "inpatient_admissions": "inpatient_admissions",
        "first_seen": "outpatient_first_attendances_seen",
        "first_dna": "outpatient_first_attendances_dna",
        "follow_up_seen": "outpatient_subsequent_attendances_seen",
        "follow_up_dna": "outpatient_subsequent_attendances_dna",
    }
    assert len(records) == 358
    agree(path, records, "code", columns, lambda record: date(2020, 1, 1))


def test_beds():
    path = "general_acute_beds/2022-04_2025/england_critical_general_acute_beds.csv"
    columns = {
        "general_acute_available": "general_acute_beds_available",
        "general_acute_occupied": "general_acute_beds_occupied",
        "adult_critical_care_occupancy": "adult_critical_care_occupancy_rate",
        "paediatric_intensive_care_available": "paediatric_intensive_cared_beds_available",
        "neonatal_intensive_care_occupied": "neonatal_intensive_care_bed_occupied",
    }
    agree(
        path,
        lines((LANDING / path).read_bytes()),
        "nhs_trust22_code",
        columns,
        lambda record: day(record.cells["date"], "%B %Y"),
    )


def test_trust_characteristics():
    path = "trust_characteristics/2019-20/nhse_trusts_2019_20.csv"
    records = lines((LANDING / path).read_bytes())
    renamed = {"StudentStaff": "student_staff"}
    headings = [heading for heading in records[0].cells if heading != "Procode"]
    columns = {renamed.get(heading, re.sub(r"\W+", "_", heading).lower()): heading for heading in headings}
    assert len(columns) == 21
    agree(path, records, "Procode", columns, year(2019))
    assert [row["state"] for (_, _, measure), row in held(path).items() if measure == "diagnosis"].count("missing") == 4


def test_ods_trusts():
    path = "ods_trusts/2025/etr.csv"
    numbered = [str(number) for number in range(1, 28)]
    records = lines((LANDING / path).read_bytes(), headings=numbered)
    agree(
        path, records, "1", {"name": "2", "region": "3", "icb": "4", "postcode": "10"}, lambda record: date(2025, 1, 1)
    )
    found = held(path)
    for record in records:
        for measure, column in (("opened", "11"), ("closed", "12")):
            cell = record.cells[column]
            day = f"{cell[:4]}-{cell[4:6]}-{cell[6:]}" if cell else None
            assert found[record.cells["1"], date(2025, 1, 1), measure]["text"] == day


def test_ods_successors():
    table = conformed(LANDING, "ods_successors/2022/successors.csv").table.to_pylist()
    records = lines((LANDING / "ods_successors/2022/successors.csv").read_bytes())
    assert {(row["code"], row["text"], row["period_start"], row["period_end"], row["row"]) for row in table} == {
        (cells["old_code"], cells["new_code"], *[date.fromisoformat(cells["date"])] * 2, number)
        for number, cells in records
    }
    assert len(table) == len(records) == 423
    assert {row["text"] for row in table if row["code"] == "RW6"} == {"R0A", "RM3"}


def test_peer_lists():
    table = conformed(LANDING, "peer_lists/trust_peer_finder/peers.csv").table.to_pylist()
    records = lines((LANDING / "peer_lists/trust_peer_finder/peers.csv").read_bytes())
    assert [(row["code"], row["text"]) for row in sorted(table, key=lambda row: row["row"])] == [
        (cells["procode"], cells["peer"]) for _, cells in records
    ]
    assert {(row["measure"], row["period_start"], row["period_end"]) for row in table} == {("peer", None, None)}
    assert sum((row["code"], row["text"]) == (row["code"], row["code"]) for row in table) == 189


def test_tables_are_sorted():
    for path in files_of(LANDING):
        rows = conformed(LANDING, path).table.to_pylist()
        keys = [(row["code"], row["period_start"] or date.min, row["measure"], row["row"]) for row in rows]
        assert keys == sorted(keys)


def test_decimals_are_not_lost():
    """A figure with eight digits and five decimals, exactly."""
    path = "sickness_absence/2024-09/nhs_sickness_absence_2024-09.csv"
    records = lines((LANDING / path).read_bytes())
    found = held(path)
    for record in records[:50]:
        exact = Decimal(record.cells["FTE_DAYS_AVAILABLE"])
        assert found[record.cells["ORG_CODE"], date(2024, 9, 1), "fte_days_available"]["value"] == float(exact)
