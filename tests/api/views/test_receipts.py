"""Receipts over HTTP: who sees which, the newest first, found by id, and with what a release says of the file."""

import csv
import io
from collections.abc import Iterator
from typing import get_args

import pytest

from functions.api.schemas.writes import FileFinding, FileReceipt, FindingCount
from functions.ingest.judge_landed import store_receipt
from functions.ingest.receipts import Receipt
from infra.local.stack import LocalStack
from shared.content import digest
from shared.findings import Count, Finding
from shared.receipts import index
from shared.statuses import FileStatus
from tests.support.api.asking import ask
from tests.support.api.published import RELEASE, Service
from tests.support.api.receipts import FAULT, LANDED, receipt
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work

KEPT = [
    receipt(1, "work/2025-01/a.csv"),
    receipt(2, "work/2025-01/a.csv", accepted=False),
    receipt(3, "other/2025-01/a.csv"),
    receipt(4, "work/a.csv", accepted=False),  # in no slot, yet in the folder of work
    receipt(5, "method/1/method.yaml", dataset="method"),
    receipt(6, "work/2025-02/a.csv"),
    receipt(7, "dry-run/work/2025-01/a.csv"),
    receipt(8, "loose.csv", accepted=False),
]


@pytest.fixture
def kept(service: Service) -> Service:
    for one in KEPT:
        store_receipt(service.store, one)
    return service


def listed(service: Service, *scopes: str, **query: str) -> list[int]:
    """Which of the receipts a caller is shown, by number."""
    answer = service.as_caller("a", *scopes).get("/v1/receipts", query)
    assert answer.status == 200, answer.text
    return [int(one["version_id"][1:]) for one in answer.json()["receipts"]]


def test_operators_see_every_landed_file_the_newest_first(kept: Service) -> None:
    assert listed(kept, "operate") == [8, 6, 5, 4, 3, 2, 1]


def test_suppliers_see_what_was_landed_in_their_folders_and_nothing_else(kept: Service) -> None:
    assert listed(kept, "supply:work") == [6, 4, 2, 1]
    assert listed(kept, "supply:other") == [3]
    assert listed(kept, "supply:work", "supply:other") == [6, 4, 3, 2, 1]
    assert listed(kept, "supply:nothing") == []


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"status": "rejected"}, [8, 4, 2]),
        ({"status": "accepted"}, [6, 5, 3, 1]),
        ({"dataset": "work"}, [6, 4, 2, 1]),
        ({"dataset": "work", "status": "rejected"}, [4, 2]),
        ({"dataset": "nothing"}, []),
        ({"landing_key": "work/2025-01/a.csv"}, [2, 1]),
        ({"landing_key": "work/2025-01/a.csv", "status": "accepted"}, [1]),
        ({"landing_key": "loose.csv"}, [8]),
        ({"dry_run": "true"}, [7]),
        ({"dry_run": "true", "dataset": "work"}, [7]),
        ({"landing_key": "dry-run/work/2025-01/a.csv"}, [7]),
    ],
)
def test_receipts_can_be_chosen(kept: Service, query: dict[str, str], shown: list[int]) -> None:
    assert listed(kept, "operate", **query) == shown


@pytest.mark.parametrize("query", [{"dataset": "other"}, {"landing_key": "other/2025-01/a.csv"}, {"landing_key": "x"}])
def test_a_supplier_who_asks_for_anothers_is_refused(kept: Service, query: dict[str, str]) -> None:
    answer = kept.as_caller("a", "supply:work").get("/v1/receipts", query)
    assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
@pytest.mark.parametrize("scopes", [("operate",), ("supply:work", "supply:other")])
def test_pages_hold_every_receipt_once(kept: Service, limit: int, scopes: tuple[str, ...]) -> None:
    whole = listed(kept, *scopes)
    query, seen = {"limit": str(limit)}, []
    for _ in range(20):
        answer = kept.get("/v1/receipts", query)
        page = [int(one["version_id"][1:]) for one in answer.json()["receipts"]]
        assert len(page) <= limit
        seen += page
        cursor = answer.json()["next_cursor"]
        assert ("link" in answer.headers) == bool(cursor)
        if not cursor:
            break
        query["cursor"] = cursor
    assert seen == whole


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"cursor": "WyJ4Il0"}, {"cursor": "WzFd"}, {"limit": "101"},
                                   {"dataset": "../x"}, {"status": "lost"}, {"as_at": "2025-01-01"},
                                   {"dataset": "other", "landing_key": "work/2025-01/a.csv"}])  # fmt: skip
def test_what_cannot_be_asked_is_refused(kept: Service, query: dict[str, str]) -> None:
    assert kept.as_caller("a", "operate").get("/v1/receipts", query).status == 400


def test_receipts_of_one_second_are_all_shown(service: Service) -> None:
    for place in range(5):
        store_receipt(service.store, receipt(0, f"work/2025-01/{place}.csv", version_id=f"v{place}"))
    assert sorted(listed(service, "operate", limit="5")) == [0, 1, 2, 3, 4]
    first = service.get("/v1/receipts", {"limit": "3"}).json()
    rest = service.get("/v1/receipts", {"limit": "3", "cursor": first["next_cursor"]}).json()
    assert len({one["version_id"] for one in first["receipts"] + rest["receipts"]}) == 5


def test_a_version_that_was_judged_again_is_shown_once_as_it_is_now(kept: Service) -> None:
    store_receipt(kept.store, receipt(6, "work/2025-02/a.csv", accepted=False))
    assert listed(kept, "supply:work") == [6, 4, 2, 1]
    assert listed(kept, "supply:work", status="rejected") == [6, 4, 2]
    assert listed(kept, "supply:work", status="accepted") == [1]
    earlier = kept.get(f"/v1/receipts/{6:032x}").json()
    assert (earlier["status"], earlier["landing_key"]) == ("rejected", "work/2025-02/a.csv")
    assert earlier["receipt_id"] != f"{6:032x}"


def test_an_accepted_file_is_found_by_its_id_and_a_rejected_one_by_its_receipts(kept: Service) -> None:
    kept.as_caller("a", "supply:work")
    accepted = kept.get(f"/v1/receipts/{1:032x}").json()
    assert (accepted["status"], accepted["file_id"], accepted["version_id"]) == ("accepted", f"{1:032x}", "v1")
    rejected = kept.get(f"/v1/receipts/{digest('work/2025-01/a.csv', 'v2')}").json()
    assert (rejected["status"], rejected["file_id"], rejected["version_id"]) == ("rejected", None, "v2")
    assert rejected["rejected_because"] == FAULT.message
    assert rejected["findings"][0]["row"] == 2
    lines = kept.get("/v1/receipts").json()["receipts"]
    assert all(kept.get(f"/v1/receipts/{one['receipt_id']}").json()["version_id"] == one["version_id"] for one in lines)


def test_the_same_bytes_landed_again_are_told_of_last_and_a_trial_only_where_nothing_was_landed(kept: Service) -> None:
    again = f"{1:032x}"
    store_receipt(kept.store, receipt(9, "work/2025-01/b.csv", file_id=again))
    store_receipt(kept.store, receipt(10, "dry-run/work/2025-01/b.csv", file_id=again))
    kept.as_caller("a", "supply:work")
    assert kept.get(f"/v1/receipts/{again}").json()["version_id"] == "v9"
    tried = kept.get(f"/v1/receipts/{7:032x}").json()
    assert (tried["version_id"], tried["dry_run"]) == ("v7", True)


@pytest.mark.parametrize("asked", [f"{3:032x}", f"{99:032x}", "nothing", "x" * 100])
@pytest.mark.parametrize("extension", ["", ".csv"])
def test_anothers_receipt_is_told_from_none_by_nobody(kept: Service, asked: str, extension: str) -> None:
    answer = kept.as_caller("a", "supply:work").get(f"/v1/receipts/{asked}{extension}")
    assert answer.status == 404
    assert answer.json()["detail"].startswith("There is no receipt with that id that your token may see")


@pytest.mark.parametrize("asked", ["extension", "accept"])
def test_findings_come_for_a_spreadsheet_in_which_nothing_is_a_formula(kept: Service, asked: str) -> None:
    path = f"/v1/receipts/{digest('work/2025-01/a.csv', 'v2')}"
    kept.as_caller("a", "supply:work")
    answer = kept.get(f"{path}.csv") if asked == "extension" else kept.get(path, accept="text/csv;q=0.9, image/png")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert (answer.headers["cache-control"], answer.headers.get("etag")) == ("no-store", None)
    assert answer.headers["content-disposition"].endswith('.csv"')
    (row,) = csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig")))
    assert row == {
        "found_in": "file", "severity": "error", "rule": "not_a_number", "row": "2", "column": "", "code": "",
        "sample": "'=1+1", "message": FAULT.message,
    }  # fmt: skip
    assert kept.get(path, accept="image/png").status == kept.get(f"{path}.pdf").status == 406
    assert kept.get(path, accept="text/html, */*;q=0.1").headers["content-type"] == "application/json"


def test_what_the_release_found_across_files_stands_beside_the_files_own_findings(service: Service) -> None:
    mine = {"severity": "warning", "rule": "drift", "dataset": "work", "period": "2025-01", "file_id": f"{1:032x}"}
    about = {"trust_code": "RAA", "measure": "cost", "row": 7, "message": "Ten times last period's."}
    others = [mine | about | {"file_id": f"{2:032x}"}, mine | about | {"file_id": None}]
    service.publish(sequence=2, findings=[mine | about, *others])
    service.now = 2.0
    store_receipt(service.store, receipt(1, "work/2025-01/a.csv"))
    told = service.as_caller("a", "operate").get(f"/v1/receipts/{1:032x}").json()
    del mine["file_id"]
    assert (told["across_files"], told["across_files_total"]) == ([mine | about], 1)
    assert told["release_id"] == RELEASE
    for other in (receipt(3, "work/2025-01/b.csv", accepted=False), receipt(2, "dry-run/work/2025-01/c.csv")):
        store_receipt(service.store, other)
        of_none = index.receipt_id(other.landing_key, other.version_id, other.file_id)
        assert service.get(f"/v1/receipts/{of_none}").json()["across_files"] == []
    (row,) = csv.DictReader(io.StringIO(service.get(f"/v1/receipts/{1:032x}.csv").body.decode("utf-8-sig")))
    assert (row["found_in"], row["column"], row["code"], row["row"]) == ("release", "cost", "RAA", "7")


def test_receipts_are_there_before_the_first_release() -> None:
    service = Service().as_caller("a", "operate")
    store_receipt(service.store, KEPT[4])
    answer = service.get(f"/v1/receipts/{5:032x}")
    assert (answer.status, answer.json()["release_id"], answer.json()["across_files"]) == (200, None, [])
    assert (answer.headers["cache-control"], answer.headers.get("x-release-id")) == ("no-store", None)


def test_a_page_costs_one_listing_a_folder_and_one_get_a_receipt(kept: Service) -> None:
    kept.as_caller("a", "operate").store.asked.clear()
    kept.get("/v1/receipts", {"limit": "3"})
    assert len(kept.store.asked) == 3
    assert all(name.startswith("receipts/") for name in kept.store.asked)


def test_headers_can_be_had_alone(kept: Service) -> None:
    whole = kept.as_caller("a", "operate").get("/v1/receipts")
    alone = kept.get("/v1/receipts", method="HEAD")
    assert (alone.status, alone.body, alone.headers) == (200, b"", whole.headers)


def test_index_fits_into_a_key_however_long_the_landed_one_was() -> None:
    longest = "eric_trust/2015-16/" + "é" * 502
    for key in (longest, longest.encode()[:800].decode(errors="ignore"), f"dry-run/{'x' * 1000}/y"):
        for name in index.names(key, "v" * 36, LANDED, "rejected", None):
            assert len(name.encode()) <= 1024


def test_answers_hold_what_receipts_hold() -> None:
    own = {"receipt_id", "dry_run", "rejected_because", "release_id", "across_files", "across_files_total"}
    assert FileReceipt.model_fields.keys() - own == Receipt.model_fields.keys()
    assert FileFinding.model_fields.keys() == Finding.model_fields.keys()
    assert FindingCount.model_fields.keys() == Count.model_fields.keys()
    assert set(get_args(FileReceipt.model_fields["status"].annotation)) == set(FileStatus)


# ---- the whole flow ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def flow() -> Iterator[LocalStack]:
    """A stack whose one file was accepted by the first method, and is rejected by the one promoted later."""
    with LocalStack({"Build": "1"}) as stack:
        stack.land("method/1/method.yaml", METHOD_TEXT.encode())
        for key, body in {
            "roll/2024/a.csv": ROLL,
            "work/2025-01/a.csv": work(3),
            "work/2025-02/a.csv": work(0),
        }.items():
            stack.land(key, body)
        stack.run_until_idle()
        yield stack


def test_every_landed_version_is_listed_by_what_ingest_wrote(flow: LocalStack) -> None:
    told = ask(flow, "GET", "/v1/receipts", scope="operate").json()["receipts"]
    assert {(one["landing_key"], one["status"]) for one in told} == {
        ("method/1/method.yaml", "accepted"),
        ("roll/2024/a.csv", "accepted"),
        ("work/2025-01/a.csv", "accepted"),
        ("work/2025-02/a.csv", "rejected"),
    }
    manifest = ask(flow, "GET", "/v1/releases/current").json()["manifest"]
    for file in manifest["inputs"]:
        one = ask(flow, "GET", f"/v1/receipts/{file['file_id']}", scope="operate").json()
        assert (one["file_id"], one["sha256"]) == (file["file_id"], file["sha256"])


def test_replaying_the_landing_bucket_writes_the_same_index(flow: LocalStack) -> None:
    s3, bucket = flow.client("s3"), flow.outputs["DataBucketName"]

    def names() -> list[str]:
        listed = s3.list_objects_v2(Bucket=bucket, Prefix="receipt-index/").get("Contents", ())
        return [one["Key"] for one in listed]

    before = names()
    everything = [one["Key"] for one in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    for key in everything:
        s3.delete_object(Bucket=bucket, Key=key)
    assert names() == []
    for _ in range(3):
        flow.tick()
        flow.run_until_idle()
    assert len(before) == 4 * 4
    assert names() == before


def test_what_stands_in_the_index_is_empty_so_that_names_are_all_there_is(flow: LocalStack) -> None:
    s3, bucket = flow.client("s3"), flow.outputs["DataBucketName"]
    assert all(not one["Size"] for one in s3.list_objects_v2(Bucket=bucket, Prefix="receipt-index/")["Contents"])
