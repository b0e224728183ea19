"""Verdicts name the build that reached them, so code that reads files differently must be another build."""

from shared.content import digest
from shared.landing.verdicts import CONFORM_BUILD
from shared.tables import CURATED
from tests.support.code_of import code_of
from tests.support.paths import CHECKOUT

READING_CODE = (
    *sorted(str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "functions/ingest/conform").glob("*.py")),
    "functions/ingest/prices.py",
    *(f"shared/{name}.py" for name in ("excel", "findings", "method/contracts", "method/periods")),
)
RECORDED = {
    1: "892cab7a93f9cc2c73ff18f4790add2e",
    2: "4a3d44f52aa9f7e4630f18ede5407360",
    3: "01a40ca4614793e20b83a0c399e40b0f",
    4: "df6c90972fdce05d1490e14ca181883e",
    5: "7cde4e2833f3814380fe1b1cb6479ea4",
    6: "d5d6a13353ada02161ca650fef6c6cbe",
}


def test_a_changed_reader_is_another_build():
    """If this fails and any file could now be read differently, or get a finding of another rule, severity or place,
    raise `shared.landing.verdicts.CONFORM_BUILD`; then record the digest. Comments, docstrings and layout do not
    count."""
    assert digest(*(code_of(CHECKOUT / path) for path in READING_CODE), str(CURATED)) == RECORDED[CONFORM_BUILD]
