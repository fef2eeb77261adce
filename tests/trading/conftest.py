"""The scene for the tests of every slice that stands on a published tender."""

from __future__ import annotations

from scene_fixtures import database_url, platform, resting, scene, scene_of, sealed, stages, waiting

__all__ = ["database_url", "platform", "resting", "scene", "scene_of", "sealed", "stages", "waiting"]
