"""The web edge: application, pages, errors, static files."""

from govcore.web.rendering import AnyRequest, page, redirect

__all__ = ["AnyRequest", "page", "redirect"]
