"""Members of a committee with keys of their own: one in its browser, another on the command line over HTTP."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Page
from scene import PASSPHRASE
from scene_city import certified

from govcore.certificates.queries import authority_pem
from govcore.platform import Platform
from trading.evaluation.cli import expert

PUT_KEY = """async ({ user, pkcs8, certificate, authority }) => {
  const bytes = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("pkcs8", bytes(pkcs8), curve, false, ["sign"]);
  const settled = (asked) => new Promise((done, fail) => {
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  const database = await settled(indexedDB.open("trading"));
  const keys = database.transaction("signing-keys", "readwrite").objectStore("signing-keys");
  await settled(keys.put({ key, certificate: bytes(certificate), authority: bytes(authority) }, user));
  database.close();
}"""


def make_key(page: Page, url: str) -> None:
    """Have the browser make a key and the site certify it, as "my certificates" offers it."""
    page.goto(f"{url}/certificates")
    with page.expect_navigation():
        page.click("[data-make] button")


def exchange_key(page: Page, platform: Platform, user: str, *, owner: str) -> None:
    """Put somebody else's certified key in the place of the user's own."""
    with platform.db.transaction() as tx:
        foreign = certified(tx, platform, owner)
        authority = authority_pem(tx)
    key = foreign._key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[union-attr]
    kept = {"pkcs8": key, "certificate": foreign.certificate.public_bytes(Encoding.DER)}
    kept["authority"] = base64.b64decode("".join(authority.splitlines()[1:-1]))
    page.evaluate(
        PUT_KEY, {"user": user} | {name: base64.b64encode(one).decode() for name, one in kept.items()}
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody's command line: a session in a file, and a folder for the key."""

    url: str
    user: str
    folder: Path

    @classmethod
    def of(cls, url: str, user: str, token: str, folder: Path) -> Desk:
        folder.mkdir()
        (folder / "session").write_text(f"session={token}\n")
        return cls(url, user, folder)

    def run(self, command: str, *words: str, keys: str = "keys", said: str = "") -> Result:
        """`trading expert COMMAND`; `said` is typed where it asks."""
        given = ["--url", self.url, "--user", self.user, "--password-file", str(self.folder / "session")]
        runner = CliRunner(env={"TRADING_PASSPHRASE": PASSPHRASE})
        return runner.invoke(expert, [command, *given, "--keys", str(self.folder / keys), *words], input=said)
