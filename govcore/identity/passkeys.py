"""Passkeys (WebAuthn): the authenticator verifies its owner, so one is a strong sign-in by itself."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.models import Passkey, User
from govcore.identity.policy import Actor, Purpose
from govcore.identity.tickets import WrongCode, issue, redeem, secret_hash

_VERIFIED = UserVerificationRequirement.REQUIRED


class WrongPasskey(Problem):
    """Unknown, of another site, without its owner's verification, replayed, or copied; which one is never told."""

    code = "E_PASSKEY"
    status = 401
    text = "This passkey was not accepted."


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """The site as browsers know it: its origin is pinned, whatever a request says about its host."""

    origin: str
    name: str

    @property
    def id(self) -> str:
        return urlsplit(self.origin).hostname or ""


def registration(tx: Tx, site: RelyingParty, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """What the browser needs to make a passkey for the actor."""
    challenge = secrets.token_bytes(32)
    user = tx.get_one(User, actor.user_id)
    own = tx.scalars(select(Passkey.credential_id).where(Passkey.user_id == user.id))
    purpose = Purpose.ADD_PASSKEY
    issue(tx, secret_hash(challenge), purpose=purpose, at=at, user_id=user.id)
    options = generate_registration_options(
        rp_id=site.id,
        rp_name=site.name,
        user_id=hashlib.sha256(user.id.encode()).digest(),
        user_name=user.username,
        user_display_name=user.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in own],
    )
    return dict(json.loads(options_to_json(options)))


def add(
    tx: Tx, site: RelyingParty, credential: Mapping[str, Any], *, name: str, actor: Actor, at: datetime
) -> None:
    """Keep the passkey that the browser made; raise `WrongPasskey`."""
    try:
        raw = _bytes_of(credential, "clientDataJSON")
        challenge = parse_client_data_json(raw).challenge
        if redeem(tx, secret_hash(challenge), purpose=Purpose.ADD_PASSKEY, at=at) != actor.user_id:
            raise WrongPasskey
        made = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, WrongCode, KeyError, ValueError, TypeError) as error:
        raise WrongPasskey from error
    digest = secret_hash(made.credential_id)
    if tx.scalar(select(Passkey.id).where(Passkey.credential_sha256 == digest)) is not None:
        raise WrongPasskey
    tx.add(
        Passkey(
            id=new_id(),
            user_id=actor.user_id,
            credential_sha256=digest,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
            added_at=at,
        )
    )
    record(tx, "identity.passkey_added", subject=actor.user_id, actor=actor.user_id, at=at, data={})


def challenge(tx: Tx, site: RelyingParty, *, at: datetime) -> dict[str, Any]:
    """What the browser needs to sign somebody in; the same for everybody, so it tells nothing about accounts."""
    nonce = secrets.token_bytes(32)
    issue(tx, secret_hash(nonce), purpose=Purpose.USE_PASSKEY, at=at)
    options = generate_authentication_options(rp_id=site.id, challenge=nonce, user_verification=_VERIFIED)
    return dict(json.loads(options_to_json(options)))


def use(tx: Tx, site: RelyingParty, credential: Mapping[str, Any], *, at: datetime) -> str:
    """Whose passkey signed a challenge of ours; raise `WrongPasskey`, also for a copy that fell behind."""
    try:
        given = parse_authentication_credential_json(dict(credential))
        nonce = parse_client_data_json(given.response.client_data_json).challenge
        redeem(tx, secret_hash(nonce), purpose=Purpose.USE_PASSKEY, at=at)
        passkey = tx.scalar(select(Passkey).where(Passkey.credential_sha256 == secret_hash(given.raw_id)))
        if passkey is None:
            raise WrongPasskey
        signed = verify_authentication_response(
            credential=given,
            expected_challenge=nonce,
            expected_rp_id=site.id,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, WrongCode, KeyError, ValueError, TypeError) as error:
        raise WrongPasskey from error
    user = tx.get_one(User, passkey.user_id)
    if not user.active:
        raise WrongPasskey
    passkey.sign_count, passkey.used_at = signed.new_sign_count, at
    return user.id


def remove(tx: Tx, passkey_id: str, *, actor: Actor, at: datetime) -> None:
    """Take one of the actor's passkeys away; anybody else's does not exist."""
    mine = Passkey.id == passkey_id, Passkey.user_id == actor.user_id
    if tx.scalar(delete(Passkey).where(*mine).returning(Passkey.id)) is None:
        raise NotFound
    record(tx, "identity.passkey_removed", subject=actor.user_id, actor=actor.user_id, at=at, data={})


def _bytes_of(credential: Mapping[str, Any], name: str) -> bytes:

    return base64url_to_bytes(str(credential["response"][name]))
