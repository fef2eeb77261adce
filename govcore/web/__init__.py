"""The web edge: application, pages, errors, static files."""

from govcore.web.rendering import page, redirect

__all__ = ["page", "redirect"]
