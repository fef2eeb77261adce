"""Refusals: every one has a code, an HTTP status and a sentence from the catalogue."""

from __future__ import annotations

from typing import ClassVar


class Detail:
    """What exactly is wrong; `text` is its key in the catalogue, filled from `data` like a problem's."""

    def __init__(self, text: str, /, **data: object) -> None:
        self.text = text
        self.data = data

    def __str__(self) -> str:
        return self.text.format_map(self.data)


class Problem(Exception):
    """A refusal that people and machines can read; nothing was changed.

    Subclasses stand beside the function that raises them. `text` is the English sentence, the key of the
    Chinese one in the catalogue; `{names}` in it are filled from the data given, which must
    therefore hold nothing secret.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 409
    text: ClassVar[str]
    retry_after: int | None = None
    """Seconds after which the same request may be taken, where that is known."""

    def __init__(self, **data: object) -> None:
        super().__init__(self.code)
        self.data = data

    def __str__(self) -> str:
        return f"{self.code}: {self.text.format_map(self.data)}"

    def plain(self) -> dict[str, str | int]:
        """What of the data a program can read; details are in English."""
        told = {name: str(value) if isinstance(value, Detail) else value for name, value in self.data.items()}
        return {name: value for name, value in told.items() if isinstance(value, str | int)}


class NotFound(Problem):
    """The object does not exist, or the actor may not know that it does."""

    code = "E_NOT_FOUND"
    status = 404
    text = "There is nothing here that you may see."


class Forbidden(Problem):
    code = "E_FORBIDDEN"
    status = 403
    text = "Your account has no right to do this."


class NotSignedIn(Problem):
    code = "E_SIGN_IN"
    status = 401
    text = "Sign in first."


class NotFresh(Problem):
    """The act needs a proof of who acts that is younger than the session."""

    code = "E_FRESH"
    status = 403
    text = "Prove once more who you are, then do this again."


class NotStrong(Problem):
    """The role needs a second factor, and the session was made without one."""

    code = "E_STRONG"
    status = 403
    text = "Your work needs a second factor. Set one up in your account, or sign in with it."


class Malformed(Problem):
    """The payload is not of the documented shape."""

    code = "E_SCHEMA"
    status = 422
    text = "The message is not of the documented form: {detail}"


class MoveNotAllowed(Problem):
    """The object's state forbids this step; `move` and `state` are for programs and the help desk."""

    code = "E_STATE"
    status = 409
    text = (
        "This step is not possible now: it was taken already, or its turn has not come. "
        "Open the page again to see how the matter stands and what can be done."
    )
