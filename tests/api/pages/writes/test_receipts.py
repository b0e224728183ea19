"""Receipts as pages: which are listed, the verdict, the findings as text, and what a tried file would change."""

import csv
import io

import pytest

from functions.ingest.judge_landed import store_receipt
from shared.findings import Finding
from tests.support.api.published import Service
from tests.support.api.receipts import REJECTED, SAMPLE, id_of, receipt
from tests.support.pages.comparison import OF_A_FILE, tried
from tests.support.pages.visitors import Visitor


@pytest.fixture
def supplier(service: Service) -> Visitor:
    for one in (
        receipt(1, "d/2018-19/a.csv", rows_read=5, codes=5, values=20),
        REJECTED,
        receipt(3, "other/2019-20/a.csv"),
        receipt(4, "dry-run/d/2019-20/b.csv", rows_read=5, codes=5, values=20),
        receipt(5, "method/1/method.yaml", dataset="method"),
    ):
        store_receipt(service.store, one)
    return Visitor(service, "supply:d")


def listed(visitor: Visitor, query: str = "") -> list[str]:
    page = visitor.read(f"/supply/receipts{query}")
    return [row[0] for row in page.rows("")] if page.find("//table") else []


def test_receipts_are_listed_by_whom_they_concern_and_by_result(service: Service, supplier: Visitor) -> None:
    assert listed(supplier) == ["D, 2019-20 a.csv", "D, 2018-19 a.csv"]
    assert listed(supplier, "?status=rejected") == ["D, 2019-20 a.csv"]
    assert listed(supplier, "?status=accepted&dataset=") == ["D, 2018-19 a.csv"]
    assert listed(supplier, "?dry_run=true") == ["D, 2019-20 b.csv"]
    assert listed(supplier, "?dry_run=true&status=rejected") == []
    operator = Visitor(service, "operate")
    assert listed(operator) == ["Method, 1 method.yaml", "other, 2019-20 a.csv", "D, 2019-20 a.csv", "D, 2018-19 a.csv"]
    assert supplier.read("/supply/receipts?dataset=other").status == 403


def test_filters_are_links_that_keep_each_other(supplier: Visitor) -> None:
    page = supplier.read("/supply/receipts?status=rejected&dry_run=true")
    assert page.words("//*[@aria-current='true']") == ["Rejected", "Tried"]
    links = dict(zip(page.words("//main//li/a"), page.find("//main//li/a/@href"), strict=True))
    assert links == {
        "All": "../supply/receipts?dry_run=true",
        "Accepted": "../supply/receipts?status=accepted&dry_run=true",
        "Rejected": "../supply/receipts?status=rejected&dry_run=true",
        "Landed": "../supply/receipts?status=rejected",
        "Tried": "../supply/receipts?status=rejected&dry_run=true",
    }


def test_the_next_page_keeps_the_filters(supplier: Visitor) -> None:
    (more,) = supplier.read("/supply/receipts?limit=1").find("//nav[@class='pager']/a/@href")
    assert listed(supplier, f"?{more.partition('?')[2]}") == ["D, 2018-19 a.csv"]


def test_a_rejected_file_says_what_to_correct_errors_first(supplier: Visitor) -> None:
    page = supplier.read(f"/supply/receipts/{id_of(REJECTED)}")
    assert page.words("//h1") == ["The file was rejected"]
    assert page.words("//main//p[@class='lead']") == ["It has 301 errors. Correct them, then upload the file again."]
    assert page.rows("Errors first") == [
        ["Error", "Not a number", "3", "cost RAA", SAMPLE, f"'{SAMPLE}' is not a number; correct it."],
        ["Error", "Range", "4", "area RAB", "https://example.org/", "It is too large; correct it."],
        ["Warning", "Note", "9", "–", "–", "The row looks like a note."],
    ]
    assert "The first 3 of 302 are listed." in page.words("//caption")[0]
    assert page.words("//ul[@aria-label='Rule']/li") == ["All 302", "Not a number 300", "Range 1", "Note 1"]
    (again,) = page.find("//main//a[contains(@class, 'nhsuk-button')]/@href")
    assert again == "../../supply/upload?dataset=d&period=2019-20"


def test_cells_of_a_file_are_text_and_nothing_else(supplier: Visitor) -> None:
    page = supplier.read(f"/supply/receipts/{id_of(REJECTED)}")
    assert not page.find("//main//img | //main//table//a")
    assert SAMPLE not in page.text


def test_findings_can_be_chosen_by_rule(supplier: Visitor) -> None:
    page = supplier.read(f"/supply/receipts/{id_of(REJECTED)}?rule=range")
    assert [row[1] for row in page.rows("Errors first")] == ["Range"]
    assert page.words("//*[@aria-current='true']") == ["Range 1"]


def test_all_findings_come_as_csv_in_which_nothing_is_a_formula(service: Service, supplier: Visitor) -> None:
    sample = "=HYPERLINK(1)"
    finding = Finding(severity="error", rule="formula", row=2, column="cost", sample=sample, message="a.csv: paste it.")
    made = receipt(9, "d/2017-18/a.csv", accepted=False, findings=(finding,))
    store_receipt(service.store, made)
    page = supplier.read(f"/supply/receipts/{id_of(made)}")
    (link,) = [one for one in page.find("//main//a/@href") if one.endswith(".csv")]
    answer = supplier.read(f"/supply/{link.removeprefix('../../supply/')}")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    (row,) = csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")))
    assert row == {
        "found_in": "file", "severity": "error", "rule": "formula", "row": "2", "column": "cost", "code": "",
        "sample": f"'{sample}", "message": "a.csv: paste it.",
    }  # fmt: skip
    bearer = service.as_caller("a", "supply:d").get(f"/v1/receipts/{id_of(made)}.csv")
    assert answer.body == bearer.body


def test_a_tried_file_says_what_it_would_change_and_leads_to_landing_it(service: Service, supplier: Visitor) -> None:
    made = tried("done", changes=OF_A_FILE)
    store_receipt(service.store, made)
    page = supplier.read(f"/supply/receipts/{id_of(made)}")
    assert page.words("//h1") == ["The file would be accepted"]
    assert "Opportunities that move: 1." in page.words("//main//li")
    assert page.rows("The largest changes first") == [
        ["Saint A's NHS Trust", "Cleaning cost", "£200,000 to £300,000", "£200,000 to £5.68m"]
    ]
    (land,) = page.find("//main//a[contains(@class, 'nhsuk-button')]/@href")
    assert land == "../../supply/upload?mode=land&dataset=d&period=2019-20&part=north"
    assert not page.find("//*[@data-poll]")
    form = supplier.read(f"/supply/{land.removeprefix('../../supply/')}").fields()
    assert (form["period"], form["part"], form["mode"]) == ("2019-20", "north", "land")


def test_an_accepted_file_says_what_follows(service: Service, supplier: Visitor) -> None:
    page = supplier.read(f"/supply/receipts/{id_of(receipt(1, 'd/2018-19/a.csv'))}")
    assert "readers see its figures within minutes" in page.words("//main")[0]
    tried = supplier.read(f"/supply/receipts/{id_of(receipt(4, 'dry-run/d/2019-20/b.csv'))}?tried=yes")
    assert "readers see its figures" not in tried.words("//main")[0]


def test_a_receipt_is_asked_for_again_while_something_is_still_worked_out(service: Service, supplier: Visitor) -> None:
    made = tried("pending", notes=["Read this receipt again in a minute."])
    store_receipt(service.store, made)
    page = supplier.read(f"/supply/receipts/{id_of(made)}")
    assert page.find("//*[@data-poll]/@id") == ["receipt"]
    assert "Look again" in page.words("//main//a")
    assert page.words("//li[@aria-current='step']") == ["What it would change is being worked out"]


def test_a_tried_file_that_has_been_landed_leads_to_the_receipt_of_the_landed_one_and_says_so(
    service: Service, supplier: Visitor
) -> None:
    store_receipt(service.store, receipt(7, "dry-run/d/2018-19/a.csv", file_id=f"{1:032x}"))
    links = supplier.read("/supply/receipts?dry_run=true").find("//table//a/@href")
    assert f"../supply/receipts/{1:032x}?tried=yes" in links
    said = "A file with exactly this content has been landed"
    assert said in supplier.read(f"/supply/receipts/{1:032x}?tried=yes").words()[0]
    assert said not in supplier.read(f"/supply/receipts/{1:032x}").words()[0]
    assert said not in supplier.read(f"/supply/receipts/{4:032x}?tried=yes").words()[0]


def test_an_operator_is_not_offered_to_land_a_suppliers_file(service: Service, supplier: Visitor) -> None:
    store_receipt(service.store, tried("done", changes=OF_A_FILE))
    page = Visitor(service, "operate").read(f"/supply/receipts/{id_of(tried('done'))}")
    assert page.status == 200
    assert not page.find("//main//a[contains(@href, 'upload')]")


def test_what_a_release_found_across_files_stands_below_the_files_own_findings(service: Service) -> None:
    one = {
        "severity": "warning", "rule": "drift", "dataset": "d", "period": "2019-20", "file_id": f"{1:032x}",
        "trust_code": "RAA", "measure": "cost", "row": 7, "message": "Ten times last period's.",
    }  # fmt: skip
    service.publish(sequence=2, findings=[one])
    service.now = 10.0
    store_receipt(service.store, receipt(1, "d/2019-20/a.csv"))
    page = Visitor(service, "supply:d").read(f"/supply/receipts/{1:032x}")
    assert page.rows("What the checks across files found in release aaaaaaaa") == [
        ["Warning", "Drift", "7", "cost RAA", "Ten times last period's."]
    ]


def test_a_receipt_of_another_supplier_is_not_there(supplier: Visitor) -> None:
    for extension in ("", ".csv"):
        assert supplier.read(f"/supply/receipts/{3:032x}{extension}").status == 404
