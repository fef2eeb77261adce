"""The guide's steps for anybody, run as they are printed, with stock tools, on a scene's published record."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from scene import Scene

from govcore.audit.export import export
from govcore.audit.note import VerifierKey

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "verify-an-opening.md"
STEPS = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
TOOLS = ("age", "age-keygen", "curl", "jq", "openssl", "python3", "sha256sum", "unzip")

needs_tools = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason="a stock tool of the guide is not installed"
)


@pytest.fixture
def address(scene: Scene) -> Iterator[str]:
    """The scene's site under a real address, for curl."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = scene.http.get(self.path)
            self.send_response(answer.status_code)
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None:
            """curl's requests are not news."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@needs_tools
def test_the_guide_s_commands_reproduce_an_opening(scene: Scene, address: str, tmp_path: Path) -> None:
    sealed = scene.submit_all()
    scene.open_all(1, 3)
    scene.write_log()
    folder = tmp_path / "reader"
    folder.mkdir()
    key = VerifierKey(scene.platform.settings.log_origin, scene.platform.keys.log_signer.public_bytes)
    with scene.platform.db.read() as tx:
        export(tx, folder / "log", vkey=str(key), with_events=False)
    first = next(bid for bid in scene.hall()["bids"] if bid["number"] == 1)
    mine = next(bid for bid in sealed.values() if bid.manifest_sha256 == first["manifest_sha256"])
    shutil.copytree(mine.folder, folder / "SEALED")
    shutil.copy(mine.folder / "receipt.json", folder)
    script = "".join(STEPS.findall(GUIDE.read_text(encoding="utf-8")))
    script = re.sub(r"^URL=.*$", f"URL={address}", script, flags=re.MULTILINE)
    script = re.sub(r"^LOT=.*$", f"LOT={scene.lot}", script, flags=re.MULTILINE)

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    said = done.stdout
    part = next(one for one in mine.manifest.parts if one.id == "summary")
    answers = json.dumps(first["summary"], ensure_ascii=False, separators=(",", ":"))
    assert answers in said
    assert said.count(part.recipient) == 2
    assert said.count(mine.manifest_sha256) >= 3
    assert said.count(part.sha256) == 6
    assert f"True {scene.hall()['bids_root']}" in said
    assert "Signature Verified Successfully" in said
    assert said.count(scene.hall()["record_sha256"]) == 2
    for bid in scene.hall()["bids"]:
        assert f'["{bid["manifest_sha256"]}","opening",{bid["price_fen"]}]' in said
