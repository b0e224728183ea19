// <p hidden data-script><label>…<input data-filter="id of a table"></label> <span role="status"></span></p>: shows only rows that
// have all words of the field; the status next to it counts them.
// <th data-sort="text"> or "number": its heading becomes a button that sorts the body's rows by that column, by the cells'
// `data-value` where they have one. Cells without a value come last, in either order.
import { afterPause, all } from "./page";

export function tables(): void {
  for (const element of all("[data-script]")) element.hidden = false;
  for (const field of all<HTMLInputElement>("input[data-filter]")) {
    const table = document.getElementById(field.dataset["filter"] ?? "");
    if (table) field.addEventListener("input", afterPause(150, () => filter(field, table)));
  }
  all<HTMLTableCellElement>("th[data-sort]").forEach(sortable);
}

function filter(field: HTMLInputElement, table: HTMLElement): void {
  const words = field.value.toLowerCase().split(/\s+/);
  const rows = all("tbody tr", table);
  let count = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    if (!row.hidden) count += 1;
  }
  const status = field.closest("[data-script]")?.querySelector("[role=status]");
  if (status) status.textContent = `${count} of ${rows.length}`;
}

function sortable(heading: HTMLTableCellElement): void {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => {
    const order = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of all("[aria-sort]", heading.parentElement ?? document)) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", order);
    const body = heading.closest("table")?.tBodies[0];
    if (!body) return;
    const numbers = heading.dataset["sort"] === "number";
    const keyed = [...body.rows].map((row) => ({ row, key: keyOf(row, heading.cellIndex, numbers) }));
    const sign = order === "ascending" ? 1 : -1;
    keyed.sort((one, other) => {
      if (!one.key || !other.key) return Number(!one.key) - Number(!other.key);
      return sign * (numbers ? Number(one.key) - Number(other.key) : one.key.localeCompare(other.key, "en-GB"));
    });
    body.append(...keyed.map(({ row }) => row));
  });
}

/** What a row is sorted by: empty if its cell has no value. */
function keyOf(row: HTMLTableRowElement, column: number, numbers: boolean): string {
  const cell = row.cells[column];
  const key = cell?.dataset["value"] ?? cell?.textContent.trim() ?? "";
  return numbers && Number.isNaN(Number(key)) ? "" : key;
}
