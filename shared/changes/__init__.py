"""What changed between two releases: `changes(before, after, trust)` over two `Held` releases."""

from shared.changes.held import Held
from shared.changes.result import Change, FigureChange, Parts
from shared.changes.split import changes

__all__ = ["Change", "FigureChange", "Held", "Parts", "changes"]
