"""Read a `tlog-proof` and hold it against a leaf, offline."""

from __future__ import annotations

import base64
import binascii

from govcore.audit.note import NoteError, TreeHead, VerifierKey, parse_head, parse_note
from govcore.audit.tree import verify_inclusion


class ProofRefused(ValueError):
    """The proof does not show that the leaf is in a log signed by this key."""


def check_inclusion(text: str, leaf: bytes, key: VerifierKey) -> TreeHead:
    """The tree head that holds the leaf; `ProofRefused` when the proof, the signature or the path is wrong."""
    head, separator, note = text.partition("\n\n")
    lines = head.split("\n")
    try:
        if not separator or lines[0] != "c2sp.org/tlog-proof@v1":
            raise ProofRefused("this is no tlog-proof")
        rest = [line for line in lines[1:] if not line.startswith("extra ")]
        index = int(rest[0].removeprefix("index "))
        path = [base64.b64decode(line, validate=True) for line in rest[1:]]
        signed = parse_note(note)
        tree = parse_head(signed.text)
    except (NoteError, ValueError, IndexError, binascii.Error) as error:
        raise ProofRefused(str(error)) from error
    if not signed.signed_by(key):
        raise ProofRefused("the checkpoint is not signed by the log's key")
    if not verify_inclusion(leaf=leaf, index=index, size=tree.size, root=tree.root, path=path):
        raise ProofRefused("the path does not lead from the leaf to the root")
    return tree
