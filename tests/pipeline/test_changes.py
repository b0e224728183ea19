"""What changed when a supplier corrects a real file: two releases of one stack, and the difference by hand."""

from collections.abc import Iterator
from statistics import median

import pytest

from functions.api.changes import ComparedRelease, changes
from functions.api.release import Release as Published
from infra.landing import METHOD_KEY, files_of
from infra.local.stack import LocalStack
from shared import keys
from shared.aws.store import Store
from shared.releases import channels
from tests.support.paths import REAL_DATA, needs_real_data
from tests.support.pipeline.programme import land, land_method

pytestmark = needs_real_data

KEY = "eric_trust/2015-16/ERIC-2015-16.csv"
LANDING = REAL_DATA / "landing"
TYPE = 3
"""The column of the trust's type."""


class Return:
    """The cells of the file, read plainly; its encoding is mixed, and only ASCII is looked at."""

    def __init__(self) -> None:
        self.lines = (LANDING / KEY).read_bytes().split(b"\n")
        heads = [head.decode("ascii", "ignore").strip() for head in self.lines[1].split(b"$")]
        self.cost, self.area = heads.index("Cleaning service cost ()"), heads.index("Occupied floor area (m)")

    def row(self, code: str) -> list[bytes]:
        return next(cells for line in self.lines if (cells := line.split(b"$"))[0] == code.encode())

    def corrected(self, **costs: int) -> bytes:
        """The file with other cleaning costs."""
        found = list(self.lines)
        for code, cost in costs.items():
            cells = self.row(code)
            place = found.index(b"$".join(cells))
            cells[self.cost] = str(cost).encode()
            found[place] = b"$".join(cells)
        return b"\n".join(found)

    def cleaning(self, code: str) -> tuple[float, float]:
        """Cost and area."""
        cells = self.row(code)
        return float(cells[self.cost]), float(cells[self.area])

    def alike(self, code: str) -> list[str]:
        """Everyone of the same type who states a cost."""
        kind = self.row(code)[TYPE]
        rows = [cells for line in self.lines[2:] if len(cells := line.split(b"$")) > self.cost]
        return [
            row[0].decode() for row in rows if row[TYPE] == kind and row[0] != code.encode() and float(row[self.cost])
        ]


@pytest.fixture(scope="module")
def stack() -> Iterator[LocalStack]:
    with LocalStack() as running:
        yield running


def newest(stack: LocalStack) -> ComparedRelease:
    data = Store(stack.outputs["DataBucketName"])
    pointer, _ = channels.read_pointer(data, keys.CURRENT)
    assert pointer is not None
    return Published(data, pointer.release_id).compared


def test_correction_of_a_real_file_is_split_between_the_trust_and_its_peer(stack: LocalStack) -> None:
    """RDU reports a million less; RAJ, which is the median of RDU's peers, a tenth more."""
    returned = Return()
    land_method(stack)
    land(stack, [(file.key, file.body) for file in files_of(LANDING) if file.key != METHOD_KEY])
    stack.run_until_idle()
    before = newest(stack)
    own, area = returned.cleaning("RDU")
    peer, peer_area = returned.cleaning("RAJ")
    stack.land(KEY, returned.corrected(RDU=int(own) - 1_000_000, RAJ=round(peer * 1.1)))
    stack.run_until_idle()
    after = newest(stack)

    values = {code: cost / base for code in returned.alike("RDU") for cost, base in [returned.cleaning(code)]}
    was = median(values.values())
    assert was == peer / peer_area
    now = median((values | {"RAJ": round(peer * 1.1) / peer_area}).values())
    (change,) = (one for one in changes(before, after, "RDU") if one.opportunity_id == "cleaning_cost")
    (lower,) = (one for one in change.figures if one.figure == "cash_lower")
    assert lower.parts is not None
    assert lower.before == pytest.approx(own - was * area)
    assert lower.parts.own_value == pytest.approx(-1_000_000)
    assert lower.parts.benchmark_moved == pytest.approx((was - now) * area)
    assert (lower.parts.comparators_changed, lower.parts.method_changed) == (0, 0)
    assert (change.came, change.went, change.notes) == ((), (), ())
    assert change.sentence.startswith("Down £")


def test_every_figure_of_a_release_comes_out_again(stack: LocalStack) -> None:
    """Every row that has a figure is split against itself: nothing changed, and nothing is left unexplained."""
    release = newest(stack)
    split = 0
    for trust in release.contents.trusts():
        for change in changes(release, release, trust):
            for one in change.figures:
                assert (one.total is None) or one.parts is not None or one.before is None, change
                split += one.parts is not None
    assert split > 1_000
