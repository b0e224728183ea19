// <button type="button" data-copy="address" hidden>: copies an address, made absolute; that of the page if it is empty.
import { all, announce, button } from "./page";

const COPIED = "Link copied";

export function copy(): void {
  if (!navigator.clipboard) return;
  for (const element of all("button[data-copy]")) {
    const text = element.textContent;
    button(element, () => {
      void navigator.clipboard.writeText(new URL(element.dataset["copy"] || location.href, location.href).href).then(() => {
        element.textContent = COPIED;
        announce(COPIED);
        setTimeout(() => (element.textContent = text), 4_000);
      });
    });
  }
}
