"""Downloads: the page, and files for readers of the pages."""

import csv
import io

import pytest

from functions.api import table_files
from tests.support.api.published import RELEASE, Service
from tests.support.api.signed_in import cookie, with_sign_in
from tests.support.pages.visitors import Visitor

PAGE = {"accept": "text/html"}


def test_every_table_is_there_as_csv_excel_and_parquet_with_its_columns(service: Service) -> None:
    page, outputs = Visitor(service).read("/downloads"), service.get("/v1/tables").json()["tables"]
    assert page.words("//section/h3") == [
        f"{one['table'].capitalize()} {one['rows']} {'row' if one['rows'] == 1 else 'rows'}" for one in outputs
    ]
    links = page.find("//section//a/@href")
    assert links == [
        f"files/releases/{RELEASE}/tables/{one['table']}.{kind}"
        for one in outputs
        for kind in ("csv", "xlsx", "parquet")
    ]
    assert page.rows("Columns of metrics")[0] == ["trust_code", "text", "Code of the trust."]
    for link in links:
        assert service.get(f"/{link}").status == 200


def test_a_table_too_large_for_excel_says_what_to_use(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table_files.MOST_CELLS, "xlsx", 604)
    page = Visitor(service).read("/downloads")
    assert not page.find("//a[contains(@href, 'opportunities.xlsx') and contains(@href, 'tables')]")
    assert "too many cells for Excel here, but Excel opens the CSV" in page.words("//section")[0]


def test_a_table_too_large_for_any_file_says_how_to_get_its_metrics(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "MOST_CELLS", dict.fromkeys(table_files.MOST_CELLS, 5))
    sections = {one.split()[0]: one for one in Visitor(service).read("/downloads").words("//section")}
    assert "too many cells for CSV, Excel and Parquet here." in sections["Trend"]
    address = f"/v1/releases/{RELEASE}/tables/trend.parquet"
    assert f"GET {address}?metric=…" in sections["Trend"]
    assert service.get(address, {"metric": "cleaning"}).status == 200
    assert "too many cells for CSV and Excel here: use Parquet." in sections["Trusts"]
    assert "metric=" not in sections["Trusts"]


def test_lists_and_the_api_can_be_had_too(service: Service) -> None:
    page = Visitor(service).read("/downloads")
    lists = page.find("//main/ul//a/@href")
    assert lists == [
        f"files/{of}.{kind}?as_at={RELEASE}" for of in ("trusts", "opportunities") for kind in ("csv", "xlsx")
    ]
    rows = csv.DictReader(io.StringIO(service.get("/files/trusts.csv", {"as_at": RELEASE}).body.decode("utf-8-sig")))
    assert {row["trust_code"] for row in rows} >= {"RAA", "RAB"}
    api = page.find("//main/ol//a/@href")
    assert len(api) == 3
    assert [service.get(f"/{address}").status for address in api] == [200, 200, 200]


def test_a_file_of_a_page_is_that_of_the_api(service: Service) -> None:
    for path in (f"/releases/{RELEASE}/tables/peers.csv", "/trusts/RAA/opportunities.csv", "/opportunities.xlsx"):
        file, of_api = service.get(f"/files{path}"), service.get(f"/v1{path}")
        assert (file.status, file.headers) == (of_api.status, of_api.headers)
        assert path.endswith("xlsx") or file.body == of_api.body  # a workbook says when it was made


def test_who_has_signed_in_may_have_files_and_others_sign_in_first(service: Service) -> None:
    with_sign_in(service)
    path = f"/files/releases/{RELEASE}/tables/peers.csv"
    led = service.get(path)
    assert led.status == 303
    assert led.headers["location"].endswith("/sign-in?next=%2Ffiles%2Freleases%2F" + f"{RELEASE}%2Ftables%2Fpeers.csv")
    had = service.get(path, cookie=cookie("ann", "read"))
    assert had.status == 200
    assert had.headers["cache-control"].startswith("private")
    assert service.get(path, cookie=cookie("bob", "supply:d")).status == 403


def test_a_file_that_cannot_be_had_is_a_page_that_says_why(service: Service) -> None:
    for path, status in ((f"/files/releases/{RELEASE}/tables/secrets.csv", 404), ("/files/trusts.csv?cursor=x", 400)):
        name, _, query = path.partition("?")
        refused = service.get(name, dict([query.split("=")]) if query else None, **PAGE)
        assert (refused.status, refused.headers["content-type"]) == (status, "text/html; charset=utf-8")
