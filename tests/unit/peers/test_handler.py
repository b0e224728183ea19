"""Which landing keys a batch of messages asks peers to look at."""

import pytest

from functions.peers.handler import _changed
from shared.events import Event, FileCurated, FileWithdrawn, RecomputeRequested, ReleasePublished
from shared.ids import FileId, ReleaseId

CURATED = FileCurated(landing_key="ae/2024-08/a.csv", version_id="v", dataset="ae", file_id=FileId("f"))
WITHDRAWN = FileWithdrawn(landing_key="ae/2024-09/a.csv", version_id="v")
PUBLISHED = ReleasePublished(channel="current", release_id=ReleaseId("r"), sequence=1)


@pytest.mark.parametrize(
    ("requests", "changed"),
    [
        ([PUBLISHED], set()),
        ([CURATED, PUBLISHED, CURATED], {"ae/2024-08/a.csv"}),
        ([WITHDRAWN, CURATED], {"ae/2024-08/a.csv", "ae/2024-09/a.csv"}),
        ([CURATED, RecomputeRequested(reason="schedule"), WITHDRAWN], None),
        ([CURATED, None], None),  # a message that is no event
    ],
)
def test_keys_are_those_that_events_name_unless_any_may_have_changed(
    requests: list[Event | None], changed: set[str] | None
) -> None:
    assert _changed(requests) == changed
