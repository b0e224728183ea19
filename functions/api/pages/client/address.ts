// <a href="…" data-address>/path</a>: on paper, where a relative address leads nowhere, the site stands before its text.
import { all } from "./page";

export function address(): void {
  for (const link of all<HTMLAnchorElement>("a[data-address]")) {
    const path = link.textContent ?? "";
    if (!link.href.endsWith(path)) continue;
    const site = document.createElement("span");
    site.className = "on-paper";
    site.dataset["added"] = "";
    site.textContent = link.href.slice(0, -path.length);
    link.prepend(site);
  }
}
