"""The picture of the page in README: `python -m infra.generate.screenshot` writes docs/images/page.png.

It makes a release of the samples in this process, serves it on a loopback port and photographs one figure's page with
Chromium, which has to be installed (Debian, Ubuntu: `apt-get install chromium`). The picture depends on the machine's
fonts, so `make check` does not compare it.
"""

import os
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from infra.landing import files_of
from infra.local.stack import LocalStack
from infra.template import ROOT

PICTURE = ROOT / "docs" / "images" / "page.png"
LARGEST = 150_000
_SHOWN = "#RIL/cleaning_cost"
_WINDOW = "880,1900"  # the whole page: Chromium photographs a page that has scrolled with blank space above it
_SCALE = 0.8
_ROWS = 930  # down to the end of the arithmetic
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """Write the picture; 1 with one line on standard error if there is no Chromium or the picture is too large."""
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if not browser:
        print("No Chromium found. Debian, Ubuntu: apt-get install chromium.", file=sys.stderr)
        return 1
    with LocalStack({"Build": "1"}) as stack:
        for file in files_of(ROOT / "samples" / "landing"):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        with HTTPServer(("127.0.0.1", 0), _handler(stack)) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            _photograph(browser, f"http://127.0.0.1:{server.server_port}/{_SHOWN}")
            server.shutdown()
    size = PICTURE.stat().st_size
    if size > LARGEST:
        print(f"{PICTURE.name} has {size:,} bytes, more than {LARGEST:,}: make the window smaller.", file=sys.stderr)
        return 1
    print(f"{PICTURE.relative_to(ROOT)}: {size:,} bytes")
    return 0


def _handler(stack: LocalStack) -> type[BaseHTTPRequestHandler]:
    """What answers GET requests from the stack's API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            answer = stack.request("GET", address.path, parse_qs(address.query), dict(self.headers))
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Print nothing for each request."""

    return Handler


def _photograph(browser: str, address: str) -> None:
    """Virtual time stops while the page's requests are pending, so the picture shows their answers."""
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        options = [
            "--headless",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--hide-scrollbars",
            "--virtual-time-budget=20000",
            f"--window-size={_WINDOW}",
            f"--force-device-scale-factor={_SCALE}",
            f"--user-data-dir={profile}",
            f"--screenshot={PICTURE}",
        ]
        # Chromium's sandbox refuses to run as root.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        subprocess.run([browser, *options, *sandbox, address], check=True, capture_output=True, timeout=120)
    PICTURE.write_bytes(cropped(PICTURE.read_bytes(), _ROWS))


def cropped(picture: bytes, rows: int) -> bytes:
    """The topmost rows of a PNG of 8-bit RGB. A row's filter refers to rows above it only, so none is decoded."""
    chunks, place = [], len(_SIGNATURE)
    while place < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, place)
        chunks.append((kind, picture[place + 8 : place + 8 + length]))
        place += 12 + length
    width, height, *colours = struct.unpack(">IIBBBBB", chunks[0][1])
    if colours != [8, 2, 0, 0, 0]:
        raise ValueError(f"Chromium wrote a PNG of another kind than 8-bit RGB: {colours}.")
    pixels = zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))
    kept = min(rows, height)
    header = struct.pack(">IIBBBBB", width, kept, *colours)
    data = zlib.compress(pixels[: kept * (3 * width + 1)], 9)
    return _SIGNATURE + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b""))
    )


if __name__ == "__main__":
    sys.exit(main())
