"""What opening a page takes: time, bytes and requests, and how much of it moves."""

from typing import NamedTuple

from playwright.sync_api import Page, Response


class Load(NamedTuple):
    """What opening a page took. `status`: of its answer; `painted`: milliseconds until the largest content stood;
    `shift`: cumulative layout shift; `sent`: compressed bytes of the answers' bodies by kind (document, stylesheet,
    script, …); `requests`: how many, the page's own included."""

    status: int
    painted: float
    shift: float
    sent: dict[str, int]
    requests: int


# Both observers look back to the beginning of the page.
_OBSERVED = """() => new Promise(resolve => {
  let painted = 0, shift = 0;
  const largest = list => list.forEach(one => { painted = Math.max(painted, one.startTime) });
  const moved = list => list.forEach(one => { if (!one.hadRecentInput) shift += one.value });
  const observers = [['largest-contentful-paint', largest], ['layout-shift', moved]].map(([type, add]) => {
    const observer = new PerformanceObserver(list => add(list.getEntries()));
    observer.observe({type, buffered: true});
    return [observer, add];
  });
  setTimeout(() => {
    observers.forEach(([observer, add]) => add(observer.takeRecords()));
    resolve([painted, shift]);
  }, 100);
})"""


def load(page: Page, address: str) -> Load:
    """Open an address in a page that has opened nothing yet."""
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    answer = page.goto(address, wait_until="networkidle")
    painted, shift = page.evaluate(_OBSERVED)
    sent: dict[str, int] = {}
    for response in responses:
        kind = response.request.resource_type
        sent[kind] = sent.get(kind, 0) + response.request.sizes()["responseBodySize"]
    return Load(answer.status if answer else 0, painted, shift, sent, len(responses))
