"""The suppliers' pages: datasets and contracts, the two forms of an upload, and how far it is."""

from collections.abc import Mapping

import pytest

from functions.api.views.writes import uploads
from functions.ingest.judge_landed import store_receipt
from shared import keys
from shared.landing.uploads import Upload
from tests.support.api.published import Service
from tests.support.api.receipts import receipt
from tests.support.api.signed_in import PAGE
from tests.support.pages.visitors import Read, Visitor

CHOSEN = {"dataset": "d", "period": "2020-21", "part": "", "format": "csv", "mode": "try"}


@pytest.fixture
def supplier(service: Service) -> Visitor:
    return Visitor(service, "read", "supply:d", name="sam@example")


def requested(service: Service) -> list[Upload]:
    """The uploads that were asked for."""
    return [service.store.read_model(Upload, name) for name in service.store.names(keys.UPLOADS)]


def first_form(supplier: Visitor, **fields: str) -> Read:
    """Open the first form, fill it in and send it."""
    form = supplier.read("/supply/upload?dataset=d").fields()
    return supplier.send("/supply/upload", form | CHOSEN | fields)


# ---- datasets -------------------------------------------------------------------------------------------------------


def test_a_supplier_sees_their_own_datasets_with_the_newest_receipt(service: Service, supplier: Visitor) -> None:
    store_receipt(service.store, receipt(1, "d/2018-19/a.csv"))
    store_receipt(service.store, receipt(2, "d/2019-20/a.csv", accepted=False))
    store_receipt(service.store, receipt(3, "other/2019-20/a.csv"))
    page = supplier.read("/supply")
    (panel,) = page.words("//section[@class='panel']")
    assert "Newest file 2019-20, 1 January 2025, 12:02 UTC Rejected" in panel
    assert "other" not in panel
    assert {"supply/upload?dataset=d", "supply/datasets/d", "supply/receipts?dataset=d"} <= set(
        page.find("//section//a/@href")
    )


def test_before_the_first_release_a_supplier_can_upload_all_the_same() -> None:
    early = Visitor(Service(), "supply:new")
    page = early.read("/supply")
    assert (page.status, page.words("//section/h2")) == (200, ["new"])
    form = early.read("/supply/upload").fields()
    assert (form["dataset"], form["mode"]) == ("new", "try")
    assert early.send("/supply/upload", form | {"period": "anything-1"}).status == 200
    refused = early.send("/supply/upload", form | {"period": "../x"})
    assert refused.status == 422
    assert "Write the period in letters, digits" in refused.text


def test_an_operator_reads_every_contract_and_is_offered_no_upload(service: Service) -> None:
    operator = Visitor(service, "operate")
    assert "supply/datasets/d" in operator.read("/supply").find("//main//a/@href")
    contract = operator.read("/supply/datasets/d")
    assert contract.words("//h1") == ["D"]
    assert not [one for one in contract.find("//main//a/@href") if "upload" in one]
    assert operator.read("/supply/upload").words("//main/p")[0].startswith("You may not upload files.")


def test_a_contract_has_its_columns_with_units_and_how_a_period_is_written(supplier: Visitor) -> None:
    page = supplier.read("/supply/datasets/d")
    assert page.rows("2 columns are read") == [
        ["Code", "Code", "–", "Yes"],
        ["A", "Number, £", "–", "Yes"],
    ]
    assert "A financial year, written as 2015-16." in page.words("//dd")


@pytest.mark.parametrize("address", ["/supply", "/supply/upload", "/supply/receipts", "/supply/datasets/d"])
def test_pages_of_suppliers_are_for_suppliers_and_operators(service: Service, address: str) -> None:
    assert Visitor(service, "read").read(address).status == 403


# ---- uploading ------------------------------------------------------------------------------------------------------


def test_trying_is_what_is_chosen_until_somebody_chooses_to_land(supplier: Visitor) -> None:
    assert supplier.read("/supply/upload?dataset=d").fields() == {
        "dataset": "d", "period": "", "part": "", "format": "csv", "mode": "try",
    }  # fmt: skip
    filled = supplier.read("/supply/upload?dataset=d&period=2020-21&part=north&mode=land&format=xlsx").fields()
    assert filled == {"dataset": "d", "period": "2020-21", "part": "north", "format": "xlsx", "mode": "land"}


@pytest.mark.parametrize(
    ("fields", "landing_key", "content_type"),
    [
        ({}, "dry-run/d/2020-21/d-2020-21.csv", "text/csv"),
        ({"mode": "land"}, "d/2020-21/d-2020-21.csv", "text/csv"),
        (
            {"mode": "land", "part": "north", "format": "xlsx"},
            "d/2020-21/north/d-2020-21-north.xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        ({"format": "gz"}, "dry-run/d/2020-21/d-2020-21.csv.gz", "application/gzip"),
        ({"mode": "neither"}, "dry-run/d/2020-21/d-2020-21.csv", "text/csv"),
    ],
)
def test_the_second_form_goes_to_the_store_with_what_it_needs_and_the_file_last(
    service: Service, supplier: Visitor, fields: Mapping[str, str], landing_key: str, content_type: str
) -> None:
    page = first_form(supplier, **fields)
    assert page.status == 200
    (asked,) = requested(service)
    assert (asked.landing_key, asked.content_type, asked.uploaded_by) == (landing_key, content_type, "sam@example")
    (form,) = [one for one in page.find("//main//form") if one.get("enctype") == "multipart/form-data"]
    assert form.get("action") == "https://store.example/incoming"
    (upload_id,) = [name.removeprefix(keys.UPLOADS).removesuffix(".json") for name in service.store.names(keys.UPLOADS)]
    assert [(one.get("name"), one.get("value")) for one in form.xpath(".//input")] == [
        ("key", upload_id),
        ("Content-Type", content_type),
        ("success_action_redirect", f"{PAGE}/supply/uploads"),
        ("file", None),
    ]
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https://sign-in.example https://store.example;" in policy
    assert ("It is tried. Nothing is published." in page.words("//dd")) == (fields.get("mode") != "land")


def test_no_other_page_may_send_to_the_store(supplier: Visitor) -> None:
    for address in ("/supply", "/supply/upload?dataset=d"):
        assert (
            "form-action 'self' https://sign-in.example;" in supplier.read(address).headers["content-security-policy"]
        )


@pytest.mark.parametrize(
    ("fields", "wrong", "words"),
    [
        ({"period": " "}, "period", "Write the period that the file is about."),
        ({"period": "2020"}, "period", "'2020' is not a financial year; write it like 2015-16."),
        ({"period": "2020-22"}, "period", "'2020-22' is not a financial year: 22 does not follow 2020"),
        ({"period": "April 2025"}, "period", "'April 2025' is not a financial year; write it like 2015-16."),
        ({"part": "a/b"}, "part", "Write the part in letters, digits"),
        ({"format": "pdf"}, "format", "Choose the format of the file."),
    ],
)
def test_what_is_wrong_is_said_before_a_form_is_made(
    service: Service, supplier: Visitor, fields: Mapping[str, str], wrong: str, words: str
) -> None:
    page = first_form(supplier, **fields)
    assert page.status == 422
    assert page.find("//*[contains(@class, 'error-summary')]//a/@href") == [f"#{wrong}"]
    assert page.find(f"//*[@id='{wrong}']")
    assert page.words("//*[contains(@class, 'error-summary')]//a")[0].startswith(words)
    assert page.fields()["period"] == (CHOSEN | fields)["period"].strip()
    assert not requested(service)


def test_the_limit_of_a_day_is_said_on_the_form(supplier: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "A_DAY", 1)
    assert first_form(supplier).status == 200
    late = first_form(supplier)
    assert (late.status, late.headers["retry-after"]) == (429, "3601")
    assert "The limit of 1 uploads a day is reached." in late.words("//*[contains(@class, 'error-summary')]")[0]
    assert late.fields() == CHOSEN


def test_another_suppliers_dataset_is_refused(service: Service, supplier: Visitor) -> None:
    assert supplier.send("/supply/upload", CHOSEN | {"dataset": "other"}).status == 403
    assert not requested(service)


# ---- after the upload -----------------------------------------------------------------------------------------------


def uploaded(service: Service, supplier: Visitor) -> str:
    """The id of an upload whose form was made."""
    first_form(supplier)
    (name,) = service.store.names(keys.UPLOADS)
    return name.removeprefix(keys.UPLOADS).removesuffix(".json")


def test_the_store_leads_back_to_the_page_of_the_upload(supplier: Visitor) -> None:
    back = supplier.read("/supply/uploads?bucket=b&key=2025-01-31-0123456789abcdef-000&etag=e")
    assert (back.status, back.headers["location"]) == (303, "../supply/uploads/2025-01-31-0123456789abcdef-000")
    for key in ("", "//example.org", "..%2F..%2Fx", "a/b"):
        assert supplier.read(f"/supply/uploads?key={key}").headers["location"] == "../supply/receipts"


def test_the_steps_of_an_upload_until_its_receipt(service: Service, supplier: Visitor) -> None:
    upload_id = uploaded(service, supplier)
    waiting = supplier.read(f"/supply/uploads/{upload_id}")
    assert waiting.words("//h1") == ["The file has not arrived yet"]
    assert waiting.find("//*[@data-poll]/@id") == ["receipt"]
    assert f"../../supply/uploads/{upload_id}" in waiting.find("//main//a/@href")
    service.incoming.put(upload_id, b"x")
    received = supplier.read(f"/supply/uploads/{upload_id}")
    assert received.words("//h1") == ["The file is being read"]
    assert received.words("//li[@aria-current='step']") == ["Being read"]
    made = receipt(60 * 24 * 31, "dry-run/d/2020-21/d-2020-21.csv", upload_id=upload_id)
    store_receipt(service.store, made)
    done = supplier.read(f"/supply/uploads/{upload_id}")
    assert (done.status, done.headers["location"]) == (303, f"../../supply/receipts/{made.file_id}?tried=yes")


def test_an_upload_of_another_supplier_is_not_there(service: Service, supplier: Visitor) -> None:
    upload_id = uploaded(service, supplier)
    assert Visitor(service, "supply:other").read(f"/supply/uploads/{upload_id}").status == 404
