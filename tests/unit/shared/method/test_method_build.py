"""A verdict on a method names the build that reached it, so code that judges methods differently is another build."""

from shared.content import digest
from shared.landing.verdicts import METHOD_BUILD
from tests.support.code_of import code_of
from tests.support.paths import CHECKOUT

METHOD_CODE = CHECKOUT / "shared" / "method"
RECORDED = {
    1: "fa9ff270df4f6cd3df694d1d583b60b1",
    2: "c24ae1c46e67a2d1eee7fcfe4af8b436",
    3: "96f9e19d9ce49cd1db3a790669e0cbfd",
}
REMEDY = (
    "The code of shared/method changed. If a landed method could now be accepted or rejected differently, or be given "
    "other faults, raise METHOD_BUILD in shared/landing/verdicts.py: every landed method is then judged again. If not, "
    "leave it. Then record {!r} in RECORDED for that number. Comments, docstrings and layout do not count."
)


def test_code_that_judges_methods_differently_is_another_build() -> None:
    files = sorted(METHOD_CODE.rglob("*.py"), key=lambda file: file.relative_to(METHOD_CODE).as_posix())
    now = digest(*(part for file in files for part in (file.relative_to(METHOD_CODE).as_posix(), code_of(file))))
    assert RECORDED.get(METHOD_BUILD) == now, REMEDY.format(now)
