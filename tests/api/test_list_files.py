"""Lists as files: the same rows as the JSON answer, each of which stands alone."""

import csv
import io
import json
from typing import Any

import openpyxl
import pytest

from functions.api import list_files
from functions.api.schemas.figures import Trust, TrustList
from infra.local import gateway
from tests.support.api.published import NEXT, RELEASE, Rows, Service, opportunities, path_of, trusts
from tests.support.api.published import OF_RELEASE as ROUTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PUBLISHED = "2025-01-02T00:00:00Z"
LISTS = [
    ("/v1/trusts", "trusts", {}),
    ("/v1/trusts/RAA/opportunities", "opportunities", {"status": "all"}),
    ("/v1/trusts/RAA/opportunities/cleaning_cost/trend", "points", {}),
    ("/v1/trusts/RAA/metrics", "metrics", {}),
    ("/v1/trusts/RAA/peers", "peers", {}),
    ("/v1/opportunities", "opportunities", {}),
    ("/v1/opportunities/cleaning_cost", "trusts", {}),
]
UNITS = {
    "/v1/opportunities/cleaning_cost": ("unit", "numerator_unit", "denominator_unit"),
    "/v1/trusts/RAA/opportunities/cleaning_cost/trend": ("unit", "value_unit", "cash_unit", "staff_unit"),
}


@pytest.fixture
def twice() -> Service:
    """Two releases: in the second, RAA spent £450,000 on cleaning instead of £500,000."""
    service = Service()
    service.publish()
    changed = {"value": 45.0, "numerator": 450_000.0, "gap_upper": 25.0, "units_upper": 250_000.0,
               "cash_upper": 250_000.0}  # fmt: skip
    service.publish(NEXT, sequence=2, opportunities=[
        row | changed if (row["trust_code"], row["opportunity_id"]) == ("RAA", "cleaning_cost") else row
        for row in opportunities()
    ])  # fmt: skip
    return service


def rows_of(answer: gateway.Response) -> list[dict[str, str]]:
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    return [*csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"), newline=""))]


def as_text(value: Any) -> str:
    """A value of the JSON answer as its cell is written by hand: `a; b` for lists."""
    return "; ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def flat(item: dict[str, Any], row: dict[str, str], before: str = "") -> dict[str, str]:
    """An item's cells, by hand: a field of an object is named after both. An object that is null has no cell of its
    own, and lists of objects are looked at elsewhere."""
    cells: dict[str, str] = {}
    for name, value in item.items():
        if isinstance(value, dict):
            cells |= flat(value, row, f"{before}{name}_")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            assert f"{before}{name}" in row
        elif value is not None or not any(other.startswith(f"{before}{name}_") for other in row):
            cells[f"{before}{name}"] = as_text(value)
    return cells


@pytest.mark.parametrize(("path", "items", "query"), LISTS)
def test_a_file_has_the_rows_of_the_answer_and_each_says_from_which_release(
    twice: Service, path: str, items: str, query: dict[str, str]
) -> None:
    answer = twice.get(path, query).json()
    rows = rows_of(twice.get(path, query, accept="text/csv"))
    assert len(rows) == len(answer[items]) == answer["total"]
    for row, item in zip(rows, answer[items], strict=True):
        assert (row["release_id"], row["published_at"]) == (NEXT, PUBLISHED)
        assert {name: row[name] for name in flat(item, row)} == flat(item, row)
        for unit in UNITS.get(path, ()):
            assert row[unit] == as_text(answer[unit])


def test_fields_of_the_answer_that_a_row_needs_are_repeated(twice: Service) -> None:
    (peer, *_) = rows_of(twice.get("/v1/trusts/RAA/peers", accept="text/csv"))
    assert [peer[name] for name in ("answered_for", "group_id", "title", "period")] == [
        "RAA", "recommended", "Most similar trusts", "2017",
    ]  # fmt: skip
    assert peer["shares"] == "urban: Urban: 0.75; deprivation: Deprivation: 0.25"
    (point, *_) = rows_of(twice.get("/v1/trusts/RAA/opportunities/cleaning_cost/trend", accept="text/csv"))
    assert (point["answered_for"], point["opportunity_id"], point["title"]) == ("RAA", "cleaning_cost", "Cleaning cost")
    (value, *_) = rows_of(twice.get("/v1/opportunities/cleaning_cost", accept="text/csv"))
    assert (value["opportunity_id"], value["trust_code"], value["unit"]) == ("cleaning_cost", "RAA", "GBP per m2")


def test_changes_have_one_row_for_each_figure(twice: Service) -> None:
    path, query = f"/v1/releases/{NEXT}/changes", {"since": RELEASE}
    answer = twice.get(path, query | {"limit": "50"}).json()
    figures = [
        (trust["trust_code"], change, figure)
        for trust in answer["trusts"] for change in trust["changes"] for figure in change["figures"]
    ]  # fmt: skip
    rows = rows_of(twice.get(path, query, accept="text/csv"))
    assert len(rows) == len(figures) > 0
    for row, (code, change, figure) in zip(rows, figures, strict=True):
        assert (row["since"], row["release_id"], row["published_at"]) == (RELEASE, NEXT, PUBLISHED)
        assert (row["trust_code"], row["opportunity_id"]) == (code, change["opportunity_id"])
        assert (row["sentence"], row["after_status"]) == (change["sentence"], change["after_status"])
        assert [row[name] for name in ("figure", "unit", "before", "after", "total", "reason")] == [
            as_text(figure[name]) for name in ("figure", "unit", "before", "after", "total", "reason")
        ]
        assert row["parts_own_value"] == as_text((figure["parts"] or {}).get("own_value"))
    # £500,000 / 10,000 m² is 50, £450,000 is 45; against 20 the gain was £300,000 and is £250,000.
    cash = next(row for row in rows if row["figure"] == "cash_upper")
    assert (cash["before"], cash["after"], cash["total"]) == ("300000.0", "250000.0", "-50000.0")


def test_a_file_has_all_rows_however_long_a_page_is() -> None:
    service = Service()
    (first, *_), many = trusts(), [f"R{number:03d}" for number in range(700)]
    service.publish(trusts=[first | {"trust_code": code, "trust_name": f"Trust {code}"} for code in many])
    assert len(service.get("/v1/trusts", {"limit": "500"}).json()["trusts"]) == 500
    assert [row["trust_code"] for row in rows_of(service.get("/v1/trusts.csv"))] == many
    assert rows_of(service.get("/v1/trusts.csv", {"q": "Trust R699"}))[0]["trust_code"] == "R699"


@pytest.mark.parametrize("name", ["limit", "cursor"])
def test_a_page_of_a_file_is_refused(service: Service, name: str) -> None:
    refused = service.get("/v1/trusts.csv", {name: "2"})
    assert (refused.status, refused.json()["parameter"]) == (400, name)
    assert "all rows" in refused.json()["detail"]


@pytest.mark.parametrize(("path", "items", "query"), LISTS)
def test_the_extension_of_the_path_or_accept_says_which_kind(
    service: Service, path: str, items: str, query: dict[str, str]
) -> None:
    by_header = service.get(path, query, accept="text/csv")
    by_path = service.get(f"{path}.csv", query, accept="application/json")
    assert (by_path.status, by_path.body) == (200, by_header.body)
    for answer in (service.get(path, query, accept=XLSX), service.get(f"{path}.xlsx", query)):
        assert (answer.status, answer.headers["content-type"]) == (200, XLSX)
        sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
        assert sheet is not None
        header, *rows = sheet.iter_rows(values_only=True)
        assert [*header] == next(csv.reader(io.StringIO(by_header.body.decode("utf-8-sig"))))
        assert len(rows) == service.get(path, query).json()["total"]
    for accept in ("", "*/*", "application/json", "text/html, */*;q=0.8"):
        assert service.get(path, query, accept=accept).headers["content-type"] == "application/json"
    refused = service.get(path, query, accept="image/png")
    assert (refused.status, refused.json()["known"]) == (406, ["json", "csv", "xlsx"])
    assert service.get(f"{path}.pdf", query).status == 404
    assert service.get(f"{path}_csv", query).status == 404


def test_workbooks_have_numbers_and_days_as_such(service: Service) -> None:
    answer = service.get("/v1/trusts/RAA/opportunities.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
    assert sheet is not None
    header, *rows = sheet.iter_rows(values_only=True)
    row = dict(zip(header, next(one for one in rows if "cleaning_cost" in one), strict=True))
    assert (row["cash_upper"], row["rank"]) == (300_000, 2)
    assert str(row["period_start"]).startswith("2019-04-01")
    assert row["published_at"] == "2025-01-01T00:00:00Z"


def test_texts_that_a_spreadsheet_would_run_are_guarded() -> None:
    service, evil = Service(), ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", " =1", "fine"]
    made: Rows = [row | {"trust_name": text} for row, text in zip(trusts(), evil, strict=False)]
    service.publish(trusts=made)
    rows = rows_of(service.get("/v1/trusts.csv"))
    assert [row["trust_name"] for row in rows] == [f"'{text}" for text in evil[:6]] + ["fine"]
    sheet = openpyxl.load_workbook(io.BytesIO(service.get("/v1/trusts.xlsx").body)).active
    assert sheet is not None
    names = [row[1] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in names} == {"s"}
    assert names[0].value == "=1+1"


def test_a_list_of_nothing_has_a_header_alone(service: Service) -> None:
    text = service.get("/v1/trusts/RSP/opportunities.csv").body.decode("utf-8-sig")
    (header,) = text.splitlines()
    assert header == service.get("/v1/trusts/RAA/opportunities.csv").body.decode("utf-8-sig").splitlines()[0]


@pytest.mark.parametrize("limit", ["MOST_CELLS", "MOST_BYTES"])
def test_what_is_too_large_for_a_file_is_refused_with_what_to_do(
    service: Service, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(list_files, limit, {"csv": 20, "xlsx": 20} if limit == "MOST_CELLS" else 20)
    for kind in ("csv", "xlsx"):
        refused = service.get(f"/v1/trusts.{kind}")
        assert (refused.status, refused.json()["known"]) == (413, ["json"])
        assert "Select fewer rows" in refused.json()["detail"]
    assert service.get("/v1/trusts").status == 200


def test_a_file_is_revalidated_as_an_answer_is_and_says_its_name() -> None:
    service = Service()
    service.publish()
    first = service.get("/v1/trusts/RAA/opportunities.csv")
    assert first.headers["content-disposition"] == (
        'attachment; filename="headroom-aaaaaaaa-trust_opportunities-RAA.csv"'
    )
    assert (first.headers["cache-control"], first.headers["x-release-id"]) == ("public, no-cache", RELEASE)
    assert "Accept" in first.headers["vary"]
    tag = first.headers["etag"]
    same = service.get("/v1/trusts/RAA/opportunities", accept="text/csv", if_none_match=tag)
    assert (same.status, same.body) == (304, b"")
    others = {service.get("/v1/trusts/RAA/opportunities", accept=one).headers["etag"] for one in (XLSX, "*/*")}
    assert len({tag, *others}) == 3
    service.publish(NEXT, sequence=2)
    service.publish(sequence=3)  # current again: the same figures, published at another time
    service.now += 10.0
    again = service.get("/v1/trusts/RAA/opportunities.csv", if_none_match=tag)
    assert again.status == 200
    assert {row["published_at"] for row in rows_of(again)} == {"2025-01-03T00:00:00Z"}


def test_a_file_of_a_release_that_was_never_current_says_no_time(service: Service) -> None:
    service.preview()
    rows = rows_of(service.get("/v1/trusts.csv", {"as_at": NEXT}))
    assert {(row["release_id"], row["published_at"]) for row in rows} == {(NEXT, "")}


def test_every_list_of_a_release_that_has_pages_is_a_file(service: Service) -> None:
    """The list of releases is about no release."""
    for route in ROUTES:
        if route.method == "GET" and "tables" not in route.path:
            answer = service.get(path_of(route), {"since": RELEASE} if route.path.endswith("changes") else None)
            pages = "next_cursor" in json.loads(answer.body) and route.path != "/v1/releases"
            assert list_files.returns_list(route) == pages, route.path


def test_columns_come_from_the_model_and_not_from_the_rows() -> None:
    (head, items) = list_files._levels(TrustList, list_files.LISTS[TrustList])
    assert (head.columns, [*items.columns]) == ({}, [*Trust.model_fields])
