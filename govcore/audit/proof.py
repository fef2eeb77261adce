"""Read a `tlog-proof` and hold it against a leaf, offline."""

from __future__ import annotations

import base64
import binascii

from govcore.audit.note import Note, NoteError, TreeHead, VerifierKey, parse_head, parse_note
from govcore.audit.tree import verify_inclusion


class ProofRefused(ValueError):
    """The proof does not show that the leaf is in a log signed by this key."""


def note_of(text: str) -> Note:
    """The signed checkpoint that a proof leads to, its signatures not yet verified; `ProofRefused` for other text."""
    head, separator, note = text.partition("\n\n")
    if not separator or head.split("\n")[0] != "c2sp.org/tlog-proof@v1":
        raise ProofRefused("this is no tlog-proof")
    try:
        return parse_note(note)
    except NoteError as error:
        raise ProofRefused(str(error)) from error


def check_inclusion(text: str, leaf: bytes, key: VerifierKey) -> TreeHead:
    """The tree head that holds the leaf; `ProofRefused` when the proof, the signature or the path is wrong."""
    lines = text.partition("\n\n")[0].split("\n")
    try:
        signed = note_of(text)
        tree = parse_head(signed.text)
        rest = [line for line in lines[1:] if not line.startswith("extra ")]
        index = int(rest[0].removeprefix("index "))
        path = [base64.b64decode(line, validate=True) for line in rest[1:]]
    except (NoteError, ValueError, IndexError, binascii.Error) as error:
        raise ProofRefused(str(error)) from error
    if not signed.signed_by(key):
        raise ProofRefused("the checkpoint is not signed by the log's key")
    if not verify_inclusion(leaf=leaf, index=index, size=tree.size, root=tree.root, path=path):
        raise ProofRefused("the path does not lead from the leaf to the root")
    return tree
