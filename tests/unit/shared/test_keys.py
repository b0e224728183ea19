"""Keys: what a landing key may be, and that names made from content are read back whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import keys
from shared.content import digest
from shared.keys import BadKey, Slot, slot_of


def test_key_names_its_slot() -> None:
    assert slot_of("eric_trust/2015-16/ERIC.csv") == Slot("eric_trust", "2015-16", "")
    assert slot_of("ae_monthly/2024-08/north/a b+c%20é.csv") == Slot("ae_monthly", "2024-08", "north")
    assert str(Slot("ae_monthly", "2024-08", "north")) == "ae_monthly/2024-08/north"


@pytest.mark.parametrize(
    "key", ["file.csv", "a/file.csv", "a/b/c/d/file.csv", "a/b/", "a//file.csv", "a/b c/file.csv", "../b/f"]
)
def test_other_keys_are_refused_with_a_remedy(key: str) -> None:
    with pytest.raises(BadKey, match="land"):
        slot_of(key)


def test_digest_tells_apart_lists_with_the_same_text() -> None:
    assert digest("ab", "c") != digest("a", "bc") != digest("abc")


@given(st.text(min_size=1), st.text("0123456789abcdef", min_size=1))
def test_verdict_names_read_back(key: str, version: str) -> None:
    name = keys.verdict_name(keys.verdict("eric_trust", "c1", key, version, "rejected"))
    assert name == ("eric_trust", "c1", keys.key_hash(key), version, "rejected")


@given(st.dictionaries(st.text(), st.text()))
def test_release_id_depends_on_content_not_order(files: dict[str, str]) -> None:
    reversed_files = dict(reversed(files.items()))
    assert keys.release_id(files, "m", 1) == keys.release_id(reversed_files, "m", 1)
    assert keys.release_id(files, "m", 1) != keys.release_id(files, "m", 2)
    assert keys.release_id(files, "m", 1) != keys.release_id({**files, "more": "x"}, "m", 1) or files.get("more") == "x"


def test_a_receipt_fits_into_a_key_however_long_the_landed_one_was() -> None:
    assert keys.receipt("a/b/c.csv", "v1") == "receipts/a/b/c.csv/v1.json"
    longest = "eric_trust/2015-16/" + "é" * 502
    assert len(longest.encode()) == 1023
    assert len(keys.receipt(longest, "v" * 36).encode()) < 1024
    assert keys.receipt(longest, "v1") != keys.receipt(longest[:-1], "v1")
