"""Shards and surveys that were kept are used again, so code that computes them differently must be another build."""

from collections.abc import Iterable

from functions.opportunities.estimate.shard_keys import SHARD_BUILD
from functions.opportunities.stored_facts import SURVEY_BUILD
from shared.content import digest
from shared.tables import RELEASE_TABLES
from tests.support.code_of import code_of
from tests.support.paths import CHECKOUT

SURVEYING = (
    "functions/opportunities/stored_facts.py",
    "functions/opportunities/kept/surveys.py",
    "functions/opportunities/measure/measures.py",
    "functions/opportunities/measure/surveying.py",
    "functions/opportunities/measure/units.py",
    *(f"shared/facts/{name}.py" for name in ("apply_findings", "facts", "placed", "roll_up")),
    *(f"shared/method/{name}.py" for name in ("contracts", "periods")),
    "shared/aws/bundle.py",
)
COMPUTING = (
    *(
        path.relative_to(CHECKOUT).as_posix()
        for folder in ("compare", "figures", "measure", "tables")
        for path in sorted((CHECKOUT / "functions/opportunities" / folder).glob("*.py"))
    ),
    "functions/opportunities/arrays.py",
    "functions/opportunities/estimate/shard_keys.py",
    "functions/opportunities/kept/series.py",
    "functions/opportunities/kept/series_tables.py",
    "functions/opportunities/stored_facts.py",
    *(path.relative_to(CHECKOUT).as_posix() for path in sorted((CHECKOUT / "shared/facts").glob("*.py"))),
    *(f"shared/method/{name}.py" for name in ("measures", "opportunities", "peer_groups", "periods", "terms")),
    "shared/aws/bundle.py",
)
SURVEYS = {1: "f43ad3dd84bfeb08a675ed392e16eeaa", 2: "b75fc454b6971f4346d034bd6206e846"}
SHARDS = {
    1: "4d5c9eabb58e11a6697aa5adca5caa75",
    2: "af259d1b9bd01b95e2d87ea400ddebfd",
    3: "49e5a6045addb8c88933e6ed54111c6d",
}


def code(paths: Iterable[str]) -> str:
    tables = [str(schema) for schema in RELEASE_TABLES.values()]
    return digest(*(code_of(CHECKOUT / path) for path in paths), *tables)


def test_other_surveys_are_another_build():
    """If this fails and the same files could now be surveyed differently, or kept in another form, raise
    `functions.opportunities.stored_facts.SURVEY_BUILD`; then record the digest. Comments, docstrings and layout do not
    count."""
    assert code(SURVEYING) == SURVEYS[SURVEY_BUILD]


def test_other_figures_are_another_build():
    """If this fails and any figure could now differ, or shards be kept in another form, raise
    `functions.opportunities.estimate.shard_keys.SHARD_BUILD`; then record the digest."""
    assert code(COMPUTING) == SHARDS[SHARD_BUILD]
