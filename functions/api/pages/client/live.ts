// <form data-live="result">: 300 ms after the last change the form's address is fetched, and the element with that id gets the
// content of the one in the answer. The form's own <p role="status"> says the answer's `data-status`. Focus never moves.
import { UNREACHABLE, afterPause, all, fetchRegion, swap } from "./page";

const PAUSE = 300;

export function live(): void {
  all<HTMLFormElement>("form[data-live]").forEach(enliven);
}

function enliven(form: HTMLFormElement): void {
  const region = document.getElementById(form.dataset["live"] ?? "");
  const status = form.querySelector("[role=status]");
  if (!region) return;
  let newest: AbortController | undefined;

  const update = async (): Promise<void> => {
    newest?.abort(); // an older answer must not overwrite a newer one
    const mine = (newest = new AbortController());
    const address = addressOf(form);
    region.setAttribute("aria-busy", "true");
    let said: string;
    try {
      const fresh = await fetchRegion(address.href, region.id, mine.signal);
      if (mine !== newest) return;
      swap(region, fresh);
      said = fresh.dataset["status"] ?? "";
      if (address.pathname === location.pathname) history.replaceState(null, "", address);
    } catch {
      if (mine !== newest) return;
      said = UNREACHABLE;
    }
    region.removeAttribute("aria-busy");
    if (status) status.textContent = said;
  };
  form.addEventListener("input", afterPause(PAUSE, () => void update()));
}

function addressOf(form: HTMLFormElement): URL {
  const address = new URL(form.action);
  const fields = [...new FormData(form)].filter((field): field is [string, string] => typeof field[1] === "string");
  address.search = new URLSearchParams(fields).toString();
  return address;
}
