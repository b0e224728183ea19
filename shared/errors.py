"""Errors, named after what the caller must do."""


class HeadroomError(Exception):
    """Base of every error this system raises on purpose."""


class Rejected(HeadroomError):
    """The file's fault: write the receipt, acknowledge the message."""


class NotReady(HeadroomError):
    """Inputs are still missing: acknowledge and wait for the event that brings them."""


class Superseded(HeadroomError):
    """Someone published first, or a newer build did: acknowledge."""


class Transient(HeadroomError):
    """A service hiccup: leave the message on the queue so that it is delivered again."""
