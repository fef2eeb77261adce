"""What a disposal leaves and what goes: first the keys and words, then the stored bytes, then the files' rows."""

from __future__ import annotations

from sqlalchemy import select, update

from govcore import clock
from govcore.db import Tx
from govcore.platform import Platform
from trading.archive.models import Disposal, Package, PackageFile
from trading.archive.policy import PackageState, is_public
from trading.bidding.queries import uploads_of_lots
from trading.bidding.uploads import upload_prefix
from trading.challenge import disposing as cases
from trading.opening import disposing as openings
from trading.tender.models import Lot


def to_clear(tx: Tx) -> list[str]:
    """The rounds that were disposed of and of which something is left, for the sweep."""
    waiting = select(Disposal.tender_id).where(Disposal.cleared_at.is_(None))
    return list(tx.scalars(waiting.order_by(Disposal.disposed_at)))


def clear(platform: Platform, tender_id: str) -> None:
    """Delete what is not public of a round that was disposed of; safe to repeat from anywhere.

    Keys go first: whatever copy of the ciphertext is left somewhere can be opened by nobody from then on.
    """
    with platform.db.transaction() as tx:
        lots = list(tx.scalars(select(Lot.id).where(Lot.tender_id == tender_id)))
        uploads = uploads_of_lots(tx, lots)
        openings.forget_keys(tx, lots)
        objects = cases.evidence_keys(tx, tender_id)
        objects += [file.store_key for file in _private(tx, tender_id) if file.store_key is not None]
    for upload_id in uploads:
        platform.store.delete_below(upload_prefix(upload_id))
    for key in objects:
        platform.store.delete(key)
    with platform.db.transaction() as tx:
        cases.forget(tx, platform, tender_id)
        _leave_manifests(tx, tender_id)
        disposal = update(Disposal).where(Disposal.tender_id == tender_id, Disposal.cleared_at.is_(None))
        tx.execute(disposal.values(cleared_at=clock.now(tx)))


def _private(tx: Tx, tender_id: str) -> list[PackageFile]:
    query = select(PackageFile).join(Package, Package.id == PackageFile.package_id)
    files = tx.scalars(query.where(Package.tender_id == tender_id).order_by(Package.id, PackageFile.position))
    return [file for file in files if not is_public(file.path)]


def _leave_manifests(tx: Tx, tender_id: str) -> None:
    """Of every private file its path, length and hashes stay."""
    for file in _private(tx, tender_id):
        file.body, file.wrapped, file.taken, file.store_key = None, None, None, None
    tx.execute(update(Package).where(Package.tender_id == tender_id).values(state=PackageState.DISPOSED))
