"""The sample programme: reproducible, in the layouts of the real files, and about nobody real."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from samples.generate import COMMITTED, landing_files
from samples.written import write
from tests.support.paths import CHECKOUT, REAL_DATA, needs_real_data

TRUST_CODE = re.compile(r"R[A-Z0-9]{2}|TA[A-Z]")
ERIC = {period: f"eric_trust/{period}/ERIC-{period}.csv" for period in ("2023-24", "2024-25")}
PROFILE_2023_24 = "eric_trust_profile/2023-24/eric_2023_24_trust_data.csv"
PROFILE_2024_25 = "eric_trust_profile/2024-25/eric_2024_25_trust_data.csv"
AE_FEBRUARY = "ae_monthly/2025-02/ae_activity_2025-02.csv"
AE_MARCH = "ae_monthly/2025-03/ae_activity_2025-03.csv"
OUTPATIENTS = "outpatients_quarterly/2024-25-Q4/qar_2024-25_q4_provider.csv"
BEDS = "general_acute_beds/2024-04_2025/england_critical_general_acute_beds.csv"
REGISTER = "ods_trusts/2025/etr.csv"
SUCCESSORS = "ods_successors/2025/successors.csv"
CHARACTERISTICS = "trust_characteristics/2022-23/nhse_trusts_2022_23.csv"
PEERS = "peer_lists/trust_peer_finder/peers.csv"
MEASURES = "trust_measures/2024-25/trust_measures_2024-25.csv"


def content(key: str) -> bytes:
    return (COMMITTED / key).read_bytes()


def cells(key: str, delimiter: str = ",") -> list[list[str]]:
    encoding = "cp1252" if key == PROFILE_2024_25 else "utf-8-sig"
    return list(csv.reader(io.StringIO(content(key).decode(encoding), newline=""), delimiter=delimiter))


def records(key: str) -> list[dict[str, str]]:
    header, *rows = cells(key)
    return [dict(zip(header, row, strict=True)) for row in rows]


def eric(period: str) -> dict[str, dict[str, str]]:
    _, header, *rows = cells(ERIC[period], "$")
    return {row[0]: dict(zip(header, row, strict=True)) for row in rows}


def sickness(month: str) -> dict[str, dict[str, str]]:
    key = f"sickness_absence/{month}/nhs_sickness_absence_{month}.csv"
    return {row["ORG_CODE"]: row for row in records(key)}


def test_generating_again_gives_the_committed_bytes(tmp_path: Path) -> None:
    write(tmp_path, landing_files())
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    committed = {path.relative_to(COMMITTED): path.read_bytes() for path in COMMITTED.rglob("*") if path.is_file()}
    assert written.keys() == committed.keys()
    assert [str(path) for path in written if written[path] != committed[path]] == []


def test_the_samples_are_small_text_files() -> None:
    files = landing_files()
    assert sum(map(len, files.values())) < 1_500_000
    assert all(b"\0" not in content for content in files.values())


def test_estates_have_a_section_row_above_the_header() -> None:
    sections, header, *rows = cells(ERIC["2024-25"], "$")
    assert sections[:5] == ["", "", "", "", "Trust Profile"]
    assert {len(row) for row in (sections, header, *rows)} == {128}
    assert len(rows) == 57


def test_estates_mix_broken_and_right_pound_signs() -> None:
    header = content(ERIC["2024-25"]).split(b"\n")[1].split(b"$")
    assert b"Value of contracted out services (\xef\xbf\xbd)" in header
    assert b"Cleaning service cost (\xc2\xa3)" in header


def test_estates_say_what_is_not_applicable_and_what_was_not_provided() -> None:
    trusts = eric("2024-25")
    assert trusts["RO3"]["Inpatient food service cost (£)"] == "Not Applicable"
    assert trusts["RIT"]["Energy costs (all energy supplies) (£)"] == "No Data Provided"
    assert trusts["RIE"]["Cleaning service cost (£)"] == "0"


@pytest.mark.parametrize("period", list(ERIC))
def test_estate_areas_and_costs_are_possible(period: str) -> None:
    for row in eric(period).values():
        gross = int(row["Gross internal floor area (m²)"])
        assert 0 < int(row["Occupied floor area (m²)"]) <= gross
        if row["Organisation Type"] != "AMBULANCE":
            assert int(row["Clinical space (m²)"]) + int(row["Non-clinical space (m²)"]) <= gross
        numbers = [float(cell) for cell in list(row.values())[4:] if re.fullmatch(r"-?[\d.]+", cell)]
        assert min(numbers) >= 0


def test_one_trust_reports_maintenance_above_hard_fm() -> None:
    above = [
        code
        for code, row in eric("2024-25").items()
        if int(row["Maintenance service costs (£)"]) > int(row["Hard FM (Estates) costs (£)"])
    ]
    assert above == ["RI7"]


def test_a_trust_changes_its_estate_type() -> None:
    types = [eric(period)["RI3"]["Organisation Type"] for period in ERIC]
    assert types == ["ACUTE - SMALL", "ACUTE - MEDIUM"]
    for key, kind in zip((PROFILE_2023_24, PROFILE_2024_25), types, strict=True):
        assert {row["Trust Type"] for row in records(key) if row["Trust Code"] == "RI3"} == {kind}


def test_first_profile_has_a_byte_order_mark_separators_and_a_blank_last_row() -> None:
    assert content(PROFILE_2023_24).startswith(b"\xef\xbb\xbfTrust Code,")
    assert re.search(rb'"\d{1,3}(,\d{3})+"', content(PROFILE_2023_24))
    assert cells(PROFILE_2023_24)[-1] == [""] * 56


def test_second_profile_has_another_encoding_bare_numbers_and_other_titles() -> None:
    with pytest.raises(UnicodeDecodeError):
        content(PROFILE_2024_25).decode("utf-8")
    assert not re.search(rb'"-?\d{1,3}(,\d{3})+"', content(PROFILE_2024_25))
    before, after = cells(PROFILE_2023_24)[0], cells(PROFILE_2024_25)[0]
    assert "Energy managers (WTE)u" in after
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 4


def test_profile_contributions_are_negative_and_add_up() -> None:
    for row in records(PROFILE_2024_25):
        parts = [
            cell
            for title, cell in row.items()
            if title.startswith(("Contribution to costs", "Income from car parking")) and cell != "Not Applicable"
        ]
        assert all(int(part) <= 0 for part in parts)
        assert sum(map(int, parts)) == int(row["Total contributions (£)"])


def test_sickness_covers_twelve_months_and_states_the_last_day() -> None:
    months = sorted(path.name for path in (COMMITTED / "sickness_absence").iterdir())
    assert len(months) == 12
    assert {row["DATE"] for row in sickness("2025-02").values()} == {"28/02/2025"}


def test_sickness_holds_organisations_that_are_no_trusts() -> None:
    kinds = {row["ORG_TYPE"] for code, row in sickness("2024-04").items() if not TRUST_CODE.fullmatch(code)}
    assert {"Integrated Care Board", "Commissioning Support Unit", "Others"} <= kinds


def test_a_trust_changes_its_name_and_another_misses_a_month() -> None:
    assert sickness("2024-09")["RIN"]["ORG_NAME"] != sickness("2024-10")["RIN"]["ORG_NAME"]
    missing = [m.name for m in sorted((COMMITTED / "sickness_absence").iterdir()) if "RIY" not in sickness(m.name)]
    assert missing == ["2024-11"]


@pytest.mark.parametrize(
    ("key", "label"), [(AE_FEBRUARY, ["TOTAL"] * 4), (AE_MARCH, ["Total", "Total ", "Total", "Total"])]
)
def test_emergency_files_end_in_a_total_of_their_rows(key: str, label: list[str]) -> None:
    *rows, total = cells(key)[1:]
    assert total[:4] == label
    assert [sum(int(row[at]) for row in rows) for at in range(4, 22)] == [int(cell) for cell in total[4:22]]


def test_emergency_files_differ_in_stray_columns() -> None:
    assert len(cells(AE_FEBRUARY)[0]) == 22
    assert cells(AE_MARCH)[0][22:] == ["", "", "", "", "", "a"]
    assert {tuple(row[22:]) for row in cells(AE_MARCH)[1:]} == {("",) * 6}


def test_emergency_regions_mostly_end_in_a_blank() -> None:
    parents = {row[2] for row in cells(AE_FEBRUARY)[1:-1]}
    assert {parent.endswith(" ") for parent in parents} == {True, False}
    assert cells(AE_FEBRUARY)[1][0] == "MSitAE-FEBRUARY-2025"


def test_outpatients_hold_gaps_of_every_kind() -> None:
    rows = {row[0]: row[1:] for row in cells(OUTPATIENTS)[1:]}
    assert cells(OUTPATIENTS)[-2:] == [["NA"] * 7] * 2
    assert rows["ROU"] == ["0"] * 6
    assert [rows["RO2"][3], rows["RO2"][5]] == ["0", "0"]
    assert int(rows["RO2"][2]) > 1000
    assert int(rows["ROR"][2]) + int(rows["ROR"][3]) == 28


def test_beds_hold_many_months_and_gaps() -> None:
    rows = records(BEDS)
    assert len({row["date"] for row in rows}) == 12
    assert any(row["paediatric_general_acute_beds_available"] == "NA" for row in rows)
    for row in rows:
        assert int(row["general_acute_beds_occupied"]) <= int(row["general_acute_beds_available"])


def test_register_has_27_quoted_columns_closures_and_a_longer_code() -> None:
    rows = cells(REGISTER)
    assert content(REGISTER).startswith(b'"')
    assert content(REGISTER).endswith(b'""\r\n')
    assert {len(row) for row in rows} == {27}
    codes = {row[0] for row in rows}
    assert {code for code in codes if len(code) != 3} == {"GIO2S"}
    assert {row[0] for row in rows if row[11]} == {"RCI", "RDI", "RQI", "RRI"}
    assert [row[0] for row in rows if not row[2].startswith("Y")] == ["RTI"]
    assert "TAO" not in codes


def test_successors_hold_a_chain_a_split_and_mergers() -> None:
    pairs = {(row["old_code"], row["new_code"]) for row in records(SUCCESSORS)}
    assert {("RNI", "RPI"), ("RPI", "TAI")} <= pairs
    assert {new for old, new in pairs if old == "RMI"} == {"ROZ", "RO1"}
    assert {old for old, new in pairs if new == "GIO2S"} == {"RCI", "RDI"}
    assert ("RQI", "RIX") in pairs


def test_characteristics_have_twins_blanks_and_a_constant() -> None:
    rows = {row.pop("Procode"): row for row in records(CHARACTERISTICS)}
    assert len(rows) == 60
    assert {len(row) for row in rows.values()} == {21}
    assert sum(row["Diagnosis"] == "" for row in rows.values()) == 4
    assert rows["RI4"] == rows["RI5"]
    assert len({row["Day beds"] for row in rows.values()}) == 1


def test_peer_lists_hold_the_trust_itself_and_shrink_where_trusts_merged() -> None:
    lists: dict[str, list[str]] = {}
    for row in records(PEERS):
        lists.setdefault(row["procode"], []).append(row["peer"])
    assert lists.keys() == {row["Procode"] for row in records(CHARACTERISTICS)}
    assert all(len(set(peers)) == len(peers) for peers in lists.values())
    assert lists["RIA"][0] == "RIA"
    assert lists["RCI"][0] == "GIO2S"
    assert len(lists["ROV"]) == 5
    assert "ROX" in lists["ROV"]


def test_measures_are_unique_and_of_four_states() -> None:
    rows = records(MEASURES)
    assert len({(row["trust_code"], row["measure"]) for row in rows}) == len(rows)
    values = {row["value"] for row in rows if not re.fullmatch(r"[\d.]+", row["value"])}
    assert values == {"Not Applicable", "No Data Provided", "", "*"}
    assert "0" in {row["value"] for row in rows}


def test_theatre_minutes_and_cases_tell_the_same_utilisation() -> None:
    figures: dict[str, dict[str, float]] = {}
    for row in records(MEASURES):
        if row["measure"].startswith("theatre_") and row["value"] != "Not Applicable":
            figures.setdefault(row["trust_code"], {})[row["measure"]] = float(row["value"])
    for done in figures.values():
        lost = sum(value for measure, value in done.items() if "_lost_to_" in measure)
        by_cases = done["theatre_cases"] / (done["theatre_cases"] + lost)
        assert by_cases == pytest.approx(done["theatre_touch_minutes"] / done["theatre_planned_minutes"], abs=1e-3)


def test_the_readme_lists_exactly_the_measures() -> None:
    section = (CHECKOUT / "samples" / "README.md").read_text(encoding="utf-8").partition("## Measures")[2]
    listed = re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
    assert sorted(listed) == sorted({row["measure"] for row in records(MEASURES)})


def names() -> Iterator[str]:
    yield from (row["Organisation Name"] for period in ERIC for row in eric(period).values())
    yield from (row[1] for row in cells(REGISTER))
    yield from (row["ORG_NAME"] for row in sickness("2025-03").values())
    yield from (row[3] for row in cells(AE_MARCH)[1:-1])


def test_every_name_says_that_it_is_fictional() -> None:
    assert [name for name in names() if not name.lower().endswith("(fictional)")] == []


def codes() -> set[str]:
    organisations = {row[0] for row in cells(REGISTER)} | {code for period in ERIC for code in eric(period)}
    organisations |= {code for row in records(SUCCESSORS) for code in (row["old_code"], row["new_code"])}
    organisations |= set(sickness("2024-04")) | {row[1] for row in cells(AE_MARCH)[1:-1]}
    organisations |= {row[0] for row in cells(OUTPATIENTS)[1:-2]}
    organisations |= {row["Procode"] for row in records(CHARACTERISTICS)}
    places = {place for row in sickness("2024-04").values() for place in (row["NHSE_REGION_CODE"], row["ICS_CODE"])}
    return organisations | places


@needs_real_data
def test_no_code_is_a_real_one() -> None:
    """Any word of the real files counts, not only their codes."""
    words = set()
    for path in REAL_DATA.rglob("*.csv"):
        words |= set(re.findall(r"[A-Z0-9]+", path.read_bytes().decode("latin-1")))
    assert codes() & words == set()


@needs_real_data
@pytest.mark.parametrize(
    ("key", "real", "lines"),
    [
        (ERIC["2024-25"], "eric_trust/2015-16/ERIC-2015-16.csv", 2),
        (PROFILE_2023_24, PROFILE_2023_24, 1),
        (PROFILE_2024_25, PROFILE_2024_25, 1),
        (AE_FEBRUARY, "ae_monthly/2024-08/ae_activity_2024-08.csv", 1),
        (AE_MARCH, "ae_monthly/2024-09/ae_activity_2024-09.csv", 1),
        (OUTPATIENTS, "outpatients_quarterly/2019-20-Q4/qar_2019-20_q4_provider.csv", 1),
        (BEDS, "general_acute_beds/2022-04_2025/england_critical_general_acute_beds.csv", 1),
        (SUCCESSORS, "ods_successors/2022/successors.csv", 1),
        (PEERS, PEERS, 1),
        (CHARACTERISTICS, "trust_characteristics/2019-20/nhse_trusts_2019_20.csv", 1),
        (
            "sickness_absence/2024-04/nhs_sickness_absence_2024-04.csv",
            "sickness_absence/2024-04/nhs_sickness_absence_2024-04.csv",
            1,
        ),
    ],
)
def test_headers_are_those_of_the_real_file(key: str, real: str, lines: int) -> None:
    published = (REAL_DATA / "landing" / real).read_bytes()
    assert content(key).split(b"\n")[:lines] == published.split(b"\n")[:lines]
