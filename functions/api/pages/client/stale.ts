// When a reader comes back to a page, a HEAD asks whether its figures are still the newest. If not, a banner says so: the
// page never changes by itself. Pages of a release that the address names (`as_at`) stay as they are.

export function stale(): void {
  if (new URLSearchParams(location.search).has("as_at")) return;
  let shown: string | null | undefined; // undefined: not looked up yet
  document.addEventListener("visibilitychange", () => {
    void (document.hidden ? lookUp() : compare());
  });

  /** The tag of the page that is on the screen: the browser's own copy has it, so nothing is sent. */
  async function lookUp(): Promise<void> {
    shown ??= await tag({ cache: "only-if-cached", mode: "same-origin" });
  }

  async function compare(): Promise<void> {
    const newest = shown && (await tag({ method: "HEAD", cache: "no-store" }));
    if (newest && newest !== shown) {
      shown = null;
      banner();
    }
  }
}

async function tag(options: RequestInit): Promise<string | null> {
  try {
    const response = await fetch(location.href, options);
    return response.ok ? (response.headers.get("ETag")?.replace(/^W\//, "") ?? null) : null;
  } catch {
    return null;
  }
}

function banner(): void {
  const box = document.createElement("div");
  box.className = "banner banner--new";
  box.setAttribute("role", "status");
  const link = document.createElement("a");
  link.href = location.href.split("#")[0] ?? "";
  link.textContent = "show them";
  const text = document.createElement("p");
  text.append("Newer figures are out: ", link);
  box.append(text);
  document.querySelector("main")?.prepend(box);
}
