// <a href="…" data-address>: its text becomes its whole address, for paper, where a relative one leads nowhere.
import { all } from "./page";

export function address(): void {
  for (const link of all<HTMLAnchorElement>("a[data-address]")) link.textContent = link.href;
}
