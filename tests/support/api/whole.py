"""The API on the release of landed files, made by the whole flow."""

from pathlib import Path

from infra.landing import files_of
from infra.local.stack import LocalStack
from tests.support.api.published import MemoryStore, Service
from tests.support.pipeline.programme import objects


def released(landing: Path) -> Service:
    """Land the files of a folder, and serve the release."""
    store = MemoryStore()
    with LocalStack({"Build": "1"}) as stack:
        for file in files_of(landing):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        assert not stack.dead_letters()
        for prefix in ("channels/", "releases/", "tables/"):
            store.objects |= objects(stack, prefix)
    return Service(store)
