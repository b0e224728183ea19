// What several behaviours need of a page.

export const UNREACHABLE = "Could not reach the server: try again";

export function all<Kind extends Element = HTMLElement>(selector: string, within: ParentNode = document): Kind[] {
  return [...within.querySelectorAll<Kind>(selector)];
}

/** Calls a function once no call was made for so many milliseconds. */
export function afterPause(milliseconds: number, call: () => void): () => void {
  let timer: number | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(call, milliseconds);
  };
}

/** Shows a button that does nothing without a script, and what it does when it is pressed. `data-added` marks it. */
export function button(element: HTMLElement, pressed: () => void): void {
  element.hidden = false;
  element.dataset["added"] = "";
  element.addEventListener("click", pressed);
}

let line: HTMLElement | undefined;

/** Says something to screen readers. */
export function announce(text: string): void {
  if (!line) {
    line = document.createElement("p");
    line.className = "hidden";
    line.setAttribute("role", "status");
    document.body.append(line);
  }
  const status = line;
  setTimeout(() => (status.textContent = text), 100); // a line that is new has to be there before its text
}

/** The element of another page, ready for this one: its relative addresses are those of the page it came from. */
export async function fetchRegion(address: string, id: string, signal: AbortSignal): Promise<HTMLElement> {
  const response = await fetch(address, { headers: { Accept: "text/html" }, signal });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const region = page.getElementById(id);
  if (!region) throw new Error(`${response.status}: no ${id}`);
  for (const name of ["href", "src", "action"]) {
    for (const element of all(`[${name}]`, region)) {
      const address = element.getAttribute(name) ?? "";
      if (!address.startsWith("#")) element.setAttribute(name, new URL(address, response.url).href);
    }
  }
  return region;
}

/** Gives a region the content of another one. Focus outside of it stays where it is. */
export function swap(region: HTMLElement, fresh: HTMLElement): void {
  region.replaceChildren(...fresh.childNodes);
}
