"""The verbs of the border. Each is one transaction, given `actor` and `at`, and leaves an audit row."""

from borders.services.warm import warm_worker

__all__ = ["warm_worker"]
