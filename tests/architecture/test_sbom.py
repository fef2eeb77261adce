"""The bill of materials names everything that a release is made of, and nothing else."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from jsonschema import Draft7Validator
from referencing import Registry, Resource

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "govcore" / "web" / "static"
SCHEMAS = Path(__file__).parent / "cyclonedx"
COMMAND = [sys.executable, str(ROOT / "requirements" / "sbom.py")]


def test_every_pinned_and_every_vendored_package_is_listed_once_with_its_hashes_or_licence() -> None:
    made = subprocess.run(COMMAND, capture_output=True, check=True, cwd="/").stdout
    bill = json.loads(made)
    lock = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^(\S+?)(?:\[.*\])?==(\S+)", lock, re.MULTILINE))
    records = [(STATIC / "vendor" / "vendor.json"), *(STATIC / "app").glob("*.js.json")]
    read = [json.loads(record.read_bytes()) for record in records]
    packages = [
        one for record in read for one in (record if isinstance(record, list) else record["packages"])
    ]
    of_browser = {(one["package"], one["version"]) for one in packages}

    listed = [(one["purl"].partition("/")[0], one["name"], one["version"]) for one in bill["components"]]

    assert sorted(listed) == sorted(
        [*(("pkg:pypi", *one) for one in pinned), *(("pkg:npm", *one) for one in of_browser)]
    )
    assert sum(len(one.get("hashes", ())) for one in bill["components"]) == len(
        re.findall("--hash=sha256:", lock)
    )
    assert {
        one["name"] for one in bill["components"] if "hashes" not in one and "licenses" not in one
    } == set()
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "public-resource-trading"
    assert len(pinned) > 50


def test_the_bill_is_what_the_specification_calls_one() -> None:
    """Against the schemas of CycloneDX 1.6 itself; a bill that is none must not pass."""
    shown = {path.name: json.loads(path.read_bytes()) for path in SCHEMAS.glob("*.json")}
    known = Registry().with_resources(
        (f"http://cyclonedx.org/schema/{name}", Resource.from_contents(one)) for name, one in shown.items()
    )
    check = Draft7Validator(shown["bom-1.6.SNAPSHOT.schema.json"], registry=known)
    bill = json.loads(subprocess.run(COMMAND, capture_output=True, check=True).stdout)
    crooked = {**bill, "components": [{**bill["components"][0], "licenses": [{"license": {"id": "none"}}]}]}

    assert [one.message for one in check.iter_errors(bill)] == []
    assert [one.json_path for one in check.iter_errors(crooked)] == ["$.components[0].licenses"]


def test_the_same_release_gives_the_same_bytes() -> None:
    first, second = (subprocess.run(COMMAND, capture_output=True, check=True).stdout for _ in range(2))

    assert first == second
