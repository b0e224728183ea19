"""Write the synthetic sample programme: `python -m samples.generate [--out DIR]`.

The same code always writes the same bytes; they are committed under samples/landing.
"""

from pathlib import Path

from samples import activity, estates, measures, peers, profile, registers, sites, workforce
from samples.written import command

COMMITTED = Path(__file__).parent / "landing"
FAMILIES = (estates, sites, profile, workforce, activity, registers, peers, measures)


def landing_files() -> dict[str, bytes]:
    """Every file of the programme by landing key, `<dataset>/<period>/<file>`."""
    return {key: content for family in FAMILIES for key, content in family.landing_files().items()}


if __name__ == "__main__":
    command("Write the synthetic sample files.", COMMITTED, landing_files())
