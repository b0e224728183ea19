// <div id="receipt" data-poll>: its page is fetched every 2 s, then less often, for two minutes, and the element gets the
// content of the new one, until that has no `data-poll`. Screen readers are given its `data-status` when that changes.
import { all, announce, fetchRegion, swap } from "./page";

const FIRST = 2_000;
const QUICK = 10; // so many times at the first pace
const SLOWER = 1.5;
const LONGEST = 120_000;

export function poll(): void {
  for (const region of all("[data-poll]")) void follow(region);
}

async function follow(region: HTMLElement): Promise<void> {
  let pause = FIRST;
  let said = region.dataset["status"];
  for (let waited = 0, times = 1; waited < LONGEST; times += 1) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    waited += pause;
    if (times >= QUICK) pause *= SLOWER;
    if (document.hidden) continue;
    try {
      const fresh = await fetchRegion(location.href, region.id, AbortSignal.timeout(10_000));
      if (fresh.textContent !== region.textContent) swap(region, fresh);
      if (fresh.dataset["status"] && fresh.dataset["status"] !== said) announce((said = fresh.dataset["status"]));
      if (!("poll" in fresh.dataset)) return;
    } catch {
      // The next try may reach the server; the page has a link to look again.
    }
  }
}
