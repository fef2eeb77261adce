"""What every public-service module stands on: identity, audit, storage, tasks, web."""
