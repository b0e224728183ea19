"""What was known of a dataset is used again, so code that knows something else must be another build."""

from functions.peers.datasets.make import KNOWN_BUILD
from shared.content import digest
from shared.tables import CURATED, FINDINGS
from tests.support.code_of import code_of
from tests.support.paths import CHECKOUT

KNOWING = (
    *(path.relative_to(CHECKOUT).as_posix() for path in sorted((CHECKOUT / "functions/peers/datasets").glob("*.py"))),
    *(f"shared/facts/{name}.py" for name in ("apply_findings", "facts", "levels", "placed", "roll_up", "row_arrays")),
    *(f"shared/method/{name}.py" for name in ("contracts", "periods", "terms")),
    "shared/aws/bundle.py",
    "shared/findings.py",
)
RECORDED = {1: "f2068e5dd7ca70c8dea65f40d777f14e", 2: "0e687a6b02b6330716a4512d0aef9dd9"}


def test_other_knowledge_is_another_build():
    """If this fails and the same files could now give other findings or rows, or be kept in another form, raise
    `functions.peers.datasets.make.KNOWN_BUILD`; then record the digest. Comments, docstrings and layout do not
    count."""
    code = [code_of(CHECKOUT / path) for path in KNOWING]
    assert digest(*code, str(CURATED), str(FINDINGS)) == RECORDED[KNOWN_BUILD]
