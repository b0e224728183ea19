"""What a cold start costs: run with a folder that holds a data bucket, it prints what the API loads and when.

Run by itself, without the site's or the user's settings, so that nothing is loaded which the API did not ask for.
"""

import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

CHECKOUT, BUCKET, *ADDRESSES = sys.argv[1:]
sys.path.insert(0, CHECKOUT)

before = time.process_time()
from functions.api import handler  # noqa: E402

seconds = time.process_time() - before

from functions.api.desk import Desk  # noqa: E402
from functions.api.release import Releases  # noqa: E402
from infra import gateway  # noqa: E402
from shared.store import Missing, Store, Stored  # noqa: E402


class Folder(Store):
    def __init__(self) -> None: ...

    def get(self, key: str, version_id: str | None = None) -> Stored:
        try:
            return Stored((Path(BUCKET) / key).read_bytes(), "etag")
        except FileNotFoundError:
            raise Missing(key) from None

    def names(self, prefix: str, after: str = "") -> Iterator[str]:
        found = (str(path.relative_to(BUCKET)) for path in Path(BUCKET).rglob("*.json"))
        yield from sorted(name for name in found if name.startswith(prefix) and name > after)


desk = Desk(Folder(), Folder(), Folder(), lambda: datetime.now(UTC))
app = handler.application(Releases(Folder(), 2.0, time.monotonic), desk, open_read=True)
statuses = [gateway.response(app.resolve(gateway.event("GET", path), object())).status for path in ADDRESSES]
print(json.dumps({"seconds": seconds, "statuses": statuses, "pandas": "pandas" in sys.modules}))
