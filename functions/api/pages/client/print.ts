// <button type="button" data-print hidden>: prints the page.
import { all, button } from "./page";

export function print(): void {
  for (const element of all("button[data-print]")) button(element, () => window.print());
}
