"""List what this release is made of, as CycloneDX 1.6: the pinned Python packages and the browser's packages.

Read from the locks and from the records beside vendored files alone, so the same release gives the same bytes anywhere.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "govcore" / "web" / "static"

Component = dict[str, Any]

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def locked(text: str) -> Iterator[Component]:
    """The packages of a lock file, each with the hashes of all files that may be installed for it."""
    name = version = ""
    hashes: list[str] = []
    for line in [*text.splitlines(), "end==0"]:
        if pinned := _PINNED.match(line):
            if name:
                yield _component("pypi", name, version, hashes=sorted(hashes))
            name, version, hashes = pinned[1], pinned[2], []
        hashes += _HASH.findall(line)


def vendored() -> Iterator[Component]:
    """The packages of the browser's side: files taken as they are, and what is bundled into our own programs."""
    for one in json.loads((STATIC / "vendor" / "vendor.json").read_bytes()):
        yield _component("npm", one["package"], one["version"], licence=one["licence"])
    for record in sorted((STATIC / "app").glob("*.js.json")):
        for one in json.loads(record.read_bytes())["packages"]:
            yield _component("npm", one["package"], one["version"], licence=one["licence"])


def _component(
    kind: str, name: str, version: str, *, hashes: list[str] | None = None, licence: str = ""
) -> Component:
    purl = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    found: Component = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    if hashes:
        found["hashes"] = [{"alg": "SHA-256", "content": one} for one in hashes]
    if licence:
        found["licenses"] = [{"license": {"id": licence}}]
    return found


def bill() -> dict[str, Any]:
    """The whole bill of materials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = [*locked((ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")), *vendored()]
    components = list({one["bom-ref"]: one for one in found}.values())
    own = {
        "type": "application",
        "bom-ref": project["name"],
        "name": project["name"],
        "version": project["version"],
    }
    made_of = json.dumps([own, components], sort_keys=True)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, made_of)}",
        "version": 1,
        "metadata": {"component": own},
        "components": sorted(components, key=lambda one: one["bom-ref"]),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(bill(), indent=1, ensure_ascii=False) + "\n")
