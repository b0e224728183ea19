"""Which objects go: those that were written before a moment and are not needed."""

from datetime import UTC, datetime, timedelta

import pytest

from infra.ops.storage.listing import TOGETHER, Kept, Version, unneeded
from shared import keys
from shared.ids import ReleaseId

SINCE = datetime(2025, 3, 1, 12, tzinfo=UTC)
SERIES, OTHER = "a" * 32, "b" * 32
KEPT = Kept({}, frozenset({OTHER}))
SECOND = timedelta(seconds=1)


def goes(key: str, at: datetime, kept: Kept = KEPT) -> bool:
    return unneeded(Version(key, 1, at, newest=True, deleted=False), kept, SINCE)


def test_objects_go_that_were_written_before_the_moment() -> None:
    for key in (keys.series_table(SERIES, "trend"), keys.release(ReleaseId(SERIES), "trusts.parquet")):
        assert goes(key, SINCE - SECOND)
        assert not goes(key, SINCE)
    assert not goes(keys.series_table(OTHER, "trend"), SINCE - SECOND)
    assert not goes(keys.series(OTHER), SINCE - SECOND)


@pytest.mark.parametrize("later", [timedelta(0), SECOND, TOGETHER / 2, TOGETHER])
def test_no_shard_stays_whose_series_goes(later: timedelta) -> None:
    """The series is written first; the shard, which says that it exists, by the same call."""
    for written in (SINCE - TOGETHER, SINCE - SECOND, SINCE):
        series = goes(keys.series_table(SERIES, "trend"), written)
        shard = goes(keys.series(SERIES), min(written + later, SINCE + TOGETHER - SECOND))
        assert shard or not series
