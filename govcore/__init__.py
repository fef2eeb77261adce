"""What every public-service module stands on: identity, audit, storage, tasks, web."""

__version__ = "0.1.0"
