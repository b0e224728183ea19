// <button type="button" data-picture="address of an SVG" data-name="file.png" hidden>: downloads the drawing as PNG, twice as
// large. The address gives a drawing that stands alone, with its own colours, width and height.
import { UNREACHABLE, all, announce, button } from "./page";

const SCALE = 2;

export function picture(): void {
  for (const element of all("button[data-picture]")) {
    button(element, () => {
      void save(element.dataset["picture"] ?? "", element.dataset["name"] ?? "chart.png").catch(() => announce(UNREACHABLE));
    });
  }
}

async function save(address: string, name: string): Promise<void> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${response.status}`);
  const drawing = URL.createObjectURL(new Blob([await response.text()], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = drawing;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth * SCALE;
    canvas.height = image.naturalHeight * SCALE;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (png) download(png, name);
  } finally {
    URL.revokeObjectURL(drawing);
  }
}

function download(content: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
