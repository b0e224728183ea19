"""Write the synthetic sample programme: `python -m samples.generate [--out DIR]`.

The same code always writes the same bytes; they are committed under samples/landing.
"""

import argparse
from pathlib import Path

from samples import activity, estates, measures, peers, profile, registers, sites, workforce

COMMITTED = Path(__file__).parent / "landing"
FAMILIES = (estates, sites, profile, workforce, activity, registers, peers, measures)


def landing_files() -> dict[str, bytes]:
    """Every file of the programme by landing key, `<dataset>/<period>/<file>`."""
    return {key: content for family in FAMILIES for key, content in family.landing_files().items()}


def write(folder: Path) -> None:
    """Write them all under the folder, over whatever has the same name."""
    for key, content in landing_files().items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the synthetic sample files.")
    parser.add_argument("--out", type=Path, default=COMMITTED, help="folder to write to (default: %(default)s)")
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
