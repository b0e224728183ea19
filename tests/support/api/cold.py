"""What a cold start loads: run with a folder that holds a data bucket, it prints the answers' statuses and the modules.

Run by itself, without the site's or the user's settings, so that nothing is loaded which the API did not ask for.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT, BUCKET, *ADDRESSES = sys.argv[1:]
sys.path.insert(0, CHECKOUT)

from functions.api import handler  # noqa: E402
from functions.api.http.context import RequestContext  # noqa: E402
from functions.api.release import Releases  # noqa: E402
from infra.local import gateway  # noqa: E402
from infra.local.clock import MOMENT  # noqa: E402
from shared.aws.store import Ending, Missing, Store, Stored  # noqa: E402


class Folder(Store):
    def __init__(self) -> None: ...

    def get(self, key: str, version_id: str | None = None) -> Stored:
        try:
            return Stored((Path(BUCKET) / key).read_bytes(), "etag")
        except FileNotFoundError:
            raise Missing(key) from None

    def ending(self, key: str, length: int) -> Ending:
        body = self.get(key).body
        return Ending(body[-length:], len(body))

    def part(self, key: str, start: int, length: int) -> bytes:
        return self.get(key).body[start : start + length]

    def etag(self, key: str) -> str | None:
        return "etag" if (Path(BUCKET) / key).exists() else None

    def names(self, prefix: str, after: str = "") -> Iterator[str]:
        found = (str(path.relative_to(BUCKET)) for path in Path(BUCKET).rglob("*.json"))
        yield from sorted(name for name in found if name.startswith(prefix) and name > after)


context = RequestContext(Folder(), Folder(), Folder(), lambda: MOMENT)
app = handler.application(Releases(Folder(), 2.0, lambda: 0.0), context, open_read=True)
statuses = [gateway.response(app.resolve(gateway.event("GET", path), object())).status for path in ADDRESSES]
print(json.dumps({"statuses": statuses, "modules": sorted(sys.modules)}))
