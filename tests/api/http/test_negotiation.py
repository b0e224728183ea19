"""What clients accept: Accept and Accept-Encoding as RFC 9110 has them, and whatever else may stand in a header."""

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.api.http.negotiation import preferred, takes_gzip
from functions.api.http.static import STATIC
from functions.api.table_files import MEDIA_TYPES
from functions.api.views.receipts import KINDS
from tests.support.api.published import RELEASE, Service

LONG = "/v1/trusts/RAA/opportunities"
TABLES = f"/v1/releases/{RELEASE}/tables"
SCRIPT = next(path for path in STATIC if path.endswith(".js"))

GZIP_YES = [
    "gzip", "GZIP", "br, gzip", "gzip;q=0.001", "gzip;q=1.0", "x-gzip", "*", "*;q=0.5", "gzip, identity;q=0.5",
    "identity;q=0, gzip", "deflate;q=0, gzip ; q=0.5", "gzip,gzip", "identity;q=0, *", ",,gzip", "br;q=x, gzip",
]  # fmt: skip
GZIP_NO = [
    "", "gzip;q=0", "gzip;q=0.000", "br", "identity", "*;q=0", "gzip;q=0, *", "gzip;q=0.4, identity;q=0.5",
    "identity;q=0", "notgzip", "gzip-like", "x;gzip", "gzip;q=²", "gzip;q=nan", "gzip;q=1e5", "gzip;q=", "gzip;q=-1",
    "gzip;q=1.5", "gzip q=1", '"gzip"', ";", "gzip\x00",
]  # fmt: skip


@pytest.mark.parametrize("header", GZIP_YES)
def test_gzip_is_sent_to_those_who_accept_it(service: Service, header: str) -> None:
    plain, packed = service.get(LONG), service.get(LONG, accept_encoding=header)
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 3


@pytest.mark.parametrize("header", GZIP_NO)
def test_gzip_is_sent_to_nobody_else(service: Service, header: str) -> None:
    answer = service.get(LONG, accept_encoding=header)
    assert (answer.status, answer.headers.get("content-encoding")) == (200, None)
    assert answer.json() == service.get(LONG).json()


def test_gzip_is_not_sent_unasked_nor_where_it_is_not_worth_it(service: Service) -> None:
    assert "content-encoding" not in service.get(LONG).headers
    assert "content-encoding" not in service.get("/v1/trusts", {"q": "nobody"}, accept_encoding="gzip").headers
    for packed_already in ("opportunities.parquet", "opportunities.xlsx"):
        answer = service.get(f"{TABLES}/{packed_already}", accept_encoding="gzip")
        assert (answer.status, answer.headers.get("content-encoding")) == (200, None)


@pytest.mark.parametrize("path", [LONG, f"{TABLES}/opportunities.csv", "/openapi.json", SCRIPT])
def test_one_tag_stands_for_both_bodies_and_promises_no_equal_bytes(service: Service, path: str) -> None:
    plain, packed = service.get(path), service.get(path, accept_encoding="gzip")
    assert plain.body == gzip.decompress(packed.body) != packed.body
    assert plain.headers["etag"] == packed.headers["etag"]
    assert plain.headers["etag"].startswith('W/"')
    assert {"Accept", "Accept-Encoding"} <= {name.strip() for name in packed.headers["vary"].split(",")}
    for encoding in ("gzip", "identity"):
        again = service.get(path, accept_encoding=encoding, if_none_match=packed.headers["etag"])
        assert (again.status, again.body) == (304, b"")


def test_the_largest_file_is_fetched_once_by_a_browser_and_compressed_once_by_a_process(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[int] = []
    pack = gzip.compress

    def counted(body: bytes, *rest: int, **more: int) -> bytes:
        compressed.append(len(body))
        return pack(body, *rest, **more)

    monkeypatch.setattr(gzip, "compress", counted)
    answers = [service.get(SCRIPT, accept_encoding="gzip") for _ in range(3)]
    assert {(answer.status, len(answer.body)) for answer in answers} == {(200, len(answers[0].body))}
    assert len(compressed) == 1
    assert len(answers[0].body) < compressed[0] / 3
    assert answers[0].headers["cache-control"] == "public, max-age=31536000, immutable"
    assert f'src="{SCRIPT.removeprefix("/")}"' in service.get("/docs").text
    assert service.get("/docs").headers["cache-control"] == "public, no-cache"


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "parquet"), ("", "parquet"), ("*/*", "parquet"), ("text/csv", "csv"), ("TEXT/CSV", "csv"),
        ("text/*;q=0.5, */*;q=0.1", "csv"), ("text/csv;q=0.4, */*;q=0.9", "parquet"), ("text/csv, */*", "csv"),
        ("text/csv;q=0, */*", "parquet"), ("text/csv;charset=utf-8;q=0.5", "csv"), ("image/png", ""),
        ("text/csv;q=0", ""), ("*/*;q=0", ""), ("*/*;q=0, text/csv", "csv"),
        # The most specific range counts, wherever it stands.
        ("application/*;q=1, application/vnd.apache.parquet;q=0, text/csv;q=0.1", "xlsx"),
        # Not in the grammar, so not there.
        ("text/csv;q=²", "parquet"), ("text/csv;q=1e5", "parquet"), ("text/csv;q=nan", "parquet"),
        ("text/csv;q=", "parquet"), ("text/csv;q=inf, image/png", ""), (",,;", "parquet"), ("/", ""),
        ("text/csv;q=0.1234, image/png", ""),
    ],
)  # fmt: skip
def test_kinds_are_chosen_by_weight_and_what_is_no_weight_is_ignored(accept: str | None, kind: str) -> None:
    assert preferred(accept, MEDIA_TYPES) == kind


def test_of_equals_the_first_of_the_header_is_chosen() -> None:
    assert preferred("text/csv, application/json", KINDS) == "csv"
    assert preferred("application/json, text/csv", KINDS) == "json"


HEADERS = st.one_of(
    st.text(),
    st.lists(
        st.tuples(
            st.sampled_from(["gzip", "identity", "*", "text/csv", "*/*", "text/*", '"x"', 'W/"x"', ""]),
            st.one_of(st.just(""), st.text(max_size=6).map(";q={}".format), st.sampled_from([";q=²", ";q=1e5", ";q"])),
        ).map("".join)
    ).map(",".join),
)
"""Texts of any kind, and some that look like a list with weights."""


@given(HEADERS, HEADERS, HEADERS)
def test_no_header_makes_the_api_fail(accept: str, accept_encoding: str, if_none_match: str) -> None:
    service = _published()
    headers = {"accept": accept, "accept_encoding": accept_encoding, "if_none_match": if_none_match}
    for path in ("/v1/categories", f"{TABLES}/trusts", "/openapi.json"):
        assert service.get(path, **headers).status in (200, 304, 406)


@given(HEADERS)
def test_every_header_is_read_to_an_answer(header: str) -> None:
    assert isinstance(takes_gzip(header), bool)
    assert preferred(header, MEDIA_TYPES) in {*MEDIA_TYPES, ""}


_MADE: list[Service] = []


def _published() -> Service:
    """One for all examples."""
    if not _MADE:
        _MADE.append(Service())
        _MADE[0].publish()
    return _MADE[0]
