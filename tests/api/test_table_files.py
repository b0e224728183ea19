"""A release's tables as files."""

import csv
import gzip
import io
from collections.abc import Iterable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from functions.api import table_files
from functions.api.release import Release
from functions.api.table_files import File, table_file
from shared import keys, tables
from shared.ids import ReleaseId
from tests.support.api.published import RELEASE, MemoryStore, Service

TABLES = f"/v1/releases/{RELEASE}/tables"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "fine", "3-4"]


def of(service: Service, table: str) -> pa.Table:
    """A table as it was published: all its files, in the order of their names."""
    folder = f"tables/{table}/release_id={RELEASE}/"
    files = [pq.read_table(io.BytesIO(service.store.objects[key])) for key in service.store.names(folder)]
    return pa.concat_tables(files)


def released(name: str, table: pa.Table) -> Release:
    """A release that holds one table."""
    store = MemoryStore()
    store.objects[keys.release(RELEASE, f"{name}.parquet")] = tables.to_bytes(table)
    return Release(store, RELEASE)


def made(name: str, table: pa.Table, kind: str) -> bytes:
    file = table_file(released(name, table), name, kind)
    assert file.body is not None
    return file.body


def test_parquet_is_what_was_published_byte_for_byte(service: Service) -> None:
    for path in (f"{TABLES}/opportunities", f"{TABLES}/opportunities.parquet"):
        answer = service.get(path)
        assert answer.body == service.store.objects[keys.release(RELEASE, "opportunities.parquet")]
        assert answer.headers["content-type"] == "application/vnd.apache.parquet"
        assert answer.headers["x-release-id"] == RELEASE
        assert answer.headers["content-disposition"] == 'attachment; filename="headroom-aaaaaaaa-opportunities.parquet"'
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("table", ["opportunities", "peers", "trusts", "metrics", "findings"])
def test_csv_holds_every_cell_of_the_table(service: Service, table: str) -> None:
    rows = [*csv.reader(io.StringIO(service.get(f"{TABLES}/{table}.csv").body.decode("utf-8-sig")))]
    published = of(service, table)
    assert rows[0] == published.column_names
    assert len(rows) == published.num_rows + 1
    for told, held in zip(rows[1:], published.to_pylist(), strict=True):
        for cell, value in zip(told, held.values(), strict=True):
            if isinstance(value, list):
                assert cell == "; ".join(":".join([one[0], f" {one[1]}"]) if len(one) == 2 else one for one in value)
            elif isinstance(value, float):
                assert float(cell) == value
            else:
                assert cell == ("" if value is None else str(value))


def test_texts_that_a_spreadsheet_would_run_are_guarded() -> None:
    table = pa.table({"trust_name": EVIL, "value": [-1.5] * len(EVIL)})
    rows = [*csv.reader(io.StringIO(made("trusts", table, "csv").decode("utf-8-sig"), newline=""))][1:]
    assert [row[0] for row in rows] == [f"'{text}" for text in EVIL[:6]] + EVIL[6:]
    assert {row[1] for row in rows} == {"-1.5"}  # a number is a number
    sheet = openpyxl.load_workbook(io.BytesIO(made("trusts", table, "xlsx"))).active
    assert sheet is not None
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [str(cell.value) for cell in cells][:4] == EVIL[:4]


def test_xlsx_holds_the_same_figures(service: Service) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(service.get(f"{TABLES}/metrics.xlsx").body)).active
    assert sheet is not None
    rows = [*sheet.iter_rows(values_only=True)]
    published = of(service, "metrics")
    place = published.column_names.index("value")
    assert [row[place] for row in rows[1:]] == published["value"].to_pylist()
    assert rows[0] == tuple(published.column_names)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv", "text/csv"), (XLSX, XLSX), ("text/*;q=0.5, */*;q=0.1", "text/csv"), ("*/*", "application/vnd"),
        (f"text/csv;q=0.4, {XLSX};q=0.9", XLSX), ("text/csv;q=0, */*", "application/vnd"),
        ("application/*", "application/vnd.apache.parquet"),
    ],
)  # fmt: skip
def test_the_reader_says_which_kind_it_accepts(service: Service, accept: str, kind: str) -> None:
    assert service.get(f"{TABLES}/trusts", accept=accept).headers["content-type"].startswith(kind)


def test_an_extension_overrides_what_is_accepted(service: Service) -> None:
    assert service.get(f"{TABLES}/trusts.csv", accept=XLSX).headers["content-type"].startswith("text/csv")


def test_other_kinds_tables_and_releases_are_problems_that_name_what_there_is(service: Service) -> None:
    for refused in (service.get(f"{TABLES}/trusts.pdf"), service.get(f"{TABLES}/trusts", accept="image/png")):
        assert (refused.status, refused.json()["known"]) == (406, ["parquet", "csv", "xlsx"])
    assert "opportunities" in service.get(f"{TABLES}/secrets").json()["suggestions"]
    for release_id in ("b" * 32, "aaa", "..", "A" * 32):
        assert service.get(f"/v1/releases/{release_id}/tables/trusts").status == 404
        assert service.get(f"/v1/releases/{release_id}").status == 404


def test_what_is_too_large_for_an_answer_is_fetched_elsewhere(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "MOST_BYTES", 10)
    answer = service.get(f"{TABLES}/trusts.csv")
    key = keys.export(RELEASE, f"{table_files.WRITER}/trusts.csv")
    assert (answer.status, answer.body) == (307, b"")
    assert answer.headers["location"] == f"memory:{key}?as=headroom-aaaaaaaa-trusts.csv&for=300"
    assert answer.headers["cache-control"] == "no-store"
    assert service.store.objects[key].startswith(b"\xef\xbb\xbftrust_code,")
    parquet = service.get(f"{TABLES}/trusts.parquet")
    assert parquet.headers["location"].startswith(f"memory:{keys.release(RELEASE, 'trusts.parquet')}?")


def test_a_large_file_is_written_once_however_often_it_is_fetched(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "MOST_BYTES", 10)
    rendered: list[int] = []
    stored: list[str] = []
    write, put = table_files.KINDS["csv"].write, service.store.put

    def render(parts: Iterable[pa.Table], schema: pa.Schema, rows: int) -> bytes:
        rendered.append(rows)
        return write(parts, schema, rows)

    def keep(key: str, body: bytes, content_type: str = "") -> None:
        stored.append(key)
        put(key, body, content_type)

    monkeypatch.setitem(table_files.KINDS, "csv", table_files.Kind("text/csv", render))
    monkeypatch.setattr(service.store, "put", keep)
    answers = [service.get(f"{TABLES}/trusts.csv") for _ in range(3)]
    assert [answer.status for answer in answers] == [307] * 3
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert (len(rendered), stored) == (1, [keys.export(RELEASE, f"{table_files.WRITER}/trusts.csv")])


def test_an_export_of_a_longer_name_is_not_taken_for_another(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    service.store.objects[keys.export(RELEASE, f"{table_files.WRITER}/trusts.csv2")] = b"another"
    assert service.get(f"{TABLES}/trusts.csv").body.startswith(b"\xef\xbb\xbftrust_code,")


def test_a_table_that_takes_too_long_to_write_is_refused_with_what_does(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "MOST_CELLS", {"parquet": 5, "csv": 5, "xlsx": 5})
    refused = service.get(f"{TABLES}/trusts.xlsx")
    assert (refused.status, refused.json()["known"]) == (413, ["parquet"])
    assert isinstance(table_file(service.releases.current(), "trusts", "parquet"), File)


def test_a_table_with_a_file_for_each_metric_is_one_file_or_one_of_them(service: Service) -> None:
    whole = of(service, "metrics")
    assert pq.read_table(io.BytesIO(service.get(f"{TABLES}/metrics.parquet").body)) == whole
    tags = set()
    for metric in ("cleaning", "seen"):
        answer = service.get(f"{TABLES}/metrics.parquet", {"metric": metric})
        assert answer.body == service.store.objects[keys.part(ReleaseId(RELEASE), "metrics", metric)]
        name = f"headroom-aaaaaaaa-metrics-{metric}"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.parquet"'
        tags.add(answer.headers["etag"])
        own = [row for row in whole.to_pylist() if row["metric_id"] == metric]
        assert len(own) > 3
        table = service.get(f"{TABLES}/metrics.csv", {"metric": metric})
        rows = [*csv.DictReader(io.StringIO(table.body.decode("utf-8-sig")))]
        assert [(row["trust_code"], float(row["value"])) for row in rows if row["value"]] == [
            (row["trust_code"], row["value"]) for row in own if row["value"] is not None
        ]
    assert len(tags) == 2


def test_metrics_that_a_table_has_no_files_of_are_refused_with_what_there_is(service: Service) -> None:
    known = sorted({row["metric_id"] for row in of(service, "metrics").to_pylist()})
    refused = service.get(f"{TABLES}/metrics.csv", {"metric": "nothing"})
    assert (refused.status, refused.json()["parameter"], refused.json()["known"]) == (400, "metric", known)
    refused = service.get(f"{TABLES}/trusts.csv", {"metric": "cleaning"})
    assert (refused.status, refused.json()["known"]) == (400, [])
    assert "leave it out" in refused.json()["detail"]


def test_a_table_that_is_too_large_for_one_file_is_refused_with_the_way_to_its_parts(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "MOST_CELLS", {"parquet": 5, "csv": 5, "xlsx": 5})
    refused = service.get(f"{TABLES}/trend.parquet")
    assert refused.status == 413
    assert "?metric=cleaning" in refused.json()["detail"]
    assert "cleaning" in refused.json()["known"]
    assert service.get(f"{TABLES}/trend.parquet", {"metric": "cleaning"}).status == 200
    listed = {one["table"]: one for one in service.get("/v1/tables").json()["tables"]}
    assert (listed["trend"]["formats"], listed["trend"]["by_metric"]) == ([], True)
    assert (listed["trusts"]["formats"], listed["trusts"]["by_metric"]) == (["parquet"], False)


def test_a_table_of_which_no_metric_has_rows_is_an_empty_file(service: Service) -> None:
    service.publish("b" * 32, sequence=2, trend=[])
    answer = service.get(f"/v1/releases/{'b' * 32}/tables/trend.parquet")
    assert pq.read_table(io.BytesIO(answer.body)) == tables.TREND.empty_table()
    assert service.get("/v1/trusts/RAA/opportunities/cleaning_cost/trend").json()["points"] == []


def test_files_travel_compressed_where_the_reader_can(service: Service) -> None:
    plain = service.get(f"{TABLES}/opportunities.csv")
    small = service.get(f"{TABLES}/opportunities.csv", accept_encoding="gzip")
    assert small.headers["content-encoding"] == "gzip"
    assert gzip.decompress(small.body) == plain.body
    assert "content-encoding" not in plain.headers


def test_who_has_the_file_is_told_so(service: Service) -> None:
    tag = service.get(f"{TABLES}/trusts.csv").headers["etag"]
    assert service.get(f"{TABLES}/trusts.csv", if_none_match=tag).status == 304
    assert service.get(f"{TABLES}/trusts.xlsx", if_none_match=tag).status == 200
