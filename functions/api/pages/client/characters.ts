// <textarea maxlength="2000" data-count="id of a role=status">: says how many characters are left, after a pause.
import { afterPause, all } from "./page";

export function characters(): void {
  for (const field of all<HTMLTextAreaElement>("textarea[data-count]")) {
    const line = document.getElementById(field.dataset["count"] ?? "");
    const say = (): void => {
      const left = field.maxLength - field.value.length;
      if (line) line.textContent = `${left.toLocaleString("en-GB")} ${left === 1 ? "character" : "characters"} left`;
    };
    field.addEventListener("input", afterPause(500, say));
  }
}
