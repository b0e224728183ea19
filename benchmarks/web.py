"""The pages in a browser, on a slowed processor and connection: `python -m benchmarks.web [address …]`.

Chromium opens each page of a release (that of the real files where there are any, else of the samples) as a first
visit, several times, and the median is printed: when the largest content stood, how much moved, how much was sent. The
server is this process, so its own time is included, but no network's and no Lambda's.
"""

import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from benchmarks.api import Folder, release_into
from functions.api.handler import Application, application
from functions.api.http.context import RequestContext
from functions.api.release import Releases
from infra.errors import CommandError
from infra.local import gateway
from infra.local.browser import browser
from infra.local.clock import MOMENT
from infra.local.page_load import Load, load
from infra.local.serve import served

PAGES = ("/", "/trusts", "/trusts/{code}", "/trusts/{code}/opportunities/{opportunity}", "/opportunities/{opportunity}")
"""Of the trust and the opportunity that come first in the release."""
SLOWER = 6
"""As many times slower than this machine's is the processor."""
_CONNECTION = {"offline": False, "latency": 40, "downloadThroughput": 10e6 / 8, "uploadThroughput": 10e6 / 8}
"""Milliseconds, bytes a second."""
_TURNS = 5


def slowed(running: Browser, address: str) -> Load:
    """A first visit on the slowed processor and connection."""
    context = running.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", _CONNECTION)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        return load(page, address)
    finally:
        context.close()


def _names(app: Application) -> dict[str, str]:
    """A trust and an opportunity that has a gain there."""

    def asked(path: str) -> Any:
        return json.loads(app.resolve(gateway.event("GET", path), None)["body"])

    for trust in asked("/v1/trusts")["trusts"]:
        code = trust["trust_code"]
        if listed := asked(f"/v1/trusts/{code}/opportunities")["opportunities"]:
            return {"code": code, "opportunity": listed[0]["opportunity_id"]}
    raise CommandError("The release has no opportunity.")


_COLUMNS = "{:<44}  {:>9}  {:>7}  {:>8}  {:>8}  {:>8}  {:>8}"


def main(addresses: Sequence[str]) -> int:
    """Print a line for each page."""
    with tempfile.TemporaryDirectory() as folder:
        release_into(Path(folder))
        data = Folder(Path(folder))
        context = RequestContext(data, data, data, lambda: MOMENT)
        app = application(Releases(data, 2.0, lambda: 0.0), context, open_read=True)
        names = _names(app)
        print(_COLUMNS.format("page", "LCP, s", "shift", "HTML, B", "CSS, B", "script, B", "requests"))
        with served(lambda event: app.resolve(event, None)) as origin, browser() as running:
            for address in (one.format_map(names) for one in addresses or PAGES):
                loads = [slowed(running, origin + address) for _ in range(_TURNS)]
                painted = statistics.median(one.painted for one in loads) / 1000
                sent = loads[0].sent
                bytes_of = [f"{sent.get(kind, 0):,}" for kind in ("document", "stylesheet", "script")]
                shift = max(one.shift for one in loads)
                print(_COLUMNS.format(address, f"{painted:.2f}", f"{shift:.3f}", *bytes_of, loads[0].requests))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
