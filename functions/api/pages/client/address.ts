// <a href="…" data-address>/path</a>: on paper, where a relative address leads nowhere, the site (`data-site`) stands before
// its text.
import { all } from "./page";

export function address(): void {
  for (const link of all<HTMLAnchorElement>("a[data-address]")) {
    const path = link.textContent ?? "";
    if (link.href.endsWith(path)) link.dataset["site"] = link.href.slice(0, -path.length);
  }
}
