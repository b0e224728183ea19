"""What is remembered names the build that computed it, so code that computes something else is another build."""

from shared.content import digest
from shared.landing.remembered import LOOK_BUILD
from tests.support.code_of import code_of
from tests.support.paths import CHECKOUT

COMPUTING_CODE = tuple(
    f"shared/landing/{name}.py" for name in ("history", "parts", "remembered", "snapshot", "verdicts")
)
RECORDED = {1: "eb973a804e8968059074016b1400001e"}


def test_code_that_remembers_something_else_is_another_build() -> None:
    """If this fails and other files could now follow from the same log, or if it is remembered in another form, raise
    `shared.landing.remembered.LOOK_BUILD`; then record the digest. Comments, docstrings and layout do not count."""
    assert digest(*(code_of(CHECKOUT / path) for path in COMPUTING_CODE)) == RECORDED[LOOK_BUILD]
