"""Landed prices in the place of the method's: in the model and in the documents of a release."""

import json

from shared.method.load import documents_json, load, parse
from shared.method.method import published
from shared.method.prices import LandedPrice, documents_with_landed, with_landed
from tests.support.pipeline.priced import PRICED

LANDED = {"visit": LandedPrice(80.0, "2025-26", "Our accounts", "published")}


def test_without_landed_prices_the_documents_are_the_same_bytes() -> None:
    documents = documents_json(parse(PRICED))
    assert documents_with_landed(documents, {}) == documents
    assert with_landed(load(PRICED), {}) == load(PRICED)


def test_a_landed_price_keeps_the_title_and_the_unit_and_changes_nothing_else() -> None:
    stated = (
        "value: 50\n    unit: GBP per visit\n    price_year: none\n    source: A round figure\n    status: illustrative"
    )
    assert PRICED.count(stated) == 1
    other = (
        "value: 80\n    unit: GBP per visit\n    price_year: 2025-26\n    source: Our accounts\n    status: published"
    )
    expected = load(PRICED.replace(stated, other))
    assert with_landed(load(PRICED), LANDED) == expected
    documents = documents_with_landed(documents_json(parse(PRICED)), LANDED)
    assert published(json.loads(documents)).prices == expected.prices
    before, after = (dict(json.loads(body)) for body in (documents_json(parse(PRICED)), documents))
    assert [path for path in before if before[path] != after[path]] == ["prices.yaml"]


def test_a_price_that_the_method_lacks_is_ignored() -> None:
    landed = {"no_such": LANDED["visit"]}
    assert with_landed(load(PRICED), landed) == load(PRICED)
    assert json.loads(documents_with_landed(documents_json(parse(PRICED)), landed)) == json.loads(
        documents_json(parse(PRICED))
    )
