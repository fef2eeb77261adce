"""What the pages are made of: vendored files, icons, classes, words and macros."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from govcore.clock import end_text, start_text
from govcore.i18n import Catalogue
from govcore.pdf.figures import money
from govcore.web.bundles import BUNDLES as BUNDLE_RECORDS
from govcore.web.rendering import filesize

ROOT = Path(__file__).parents[2]
CORE = ROOT / "govcore"
STATIC = CORE / "web" / "static"
VENDOR = STATIC / "vendor"
PACKAGES = ("govcore", "bidding_docs", "guarantees", "trading")
BUNDLES = sorted([*(STATIC / "app").glob("*.js.json"), *(ROOT / "tests" / "conformance").glob("*.js.json")])
TEMPLATES = sorted(path for name in PACKAGES for path in (ROOT / name).glob("**/templates/**/*.html"))
NOW = datetime(2026, 11, 22, 0, 41, 7, tzinfo=UTC)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def without_expressions(text: str) -> str:
    return re.sub(r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "\0", text, flags=re.DOTALL)


def test_vendored_files_are_the_recorded_ones():
    recorded = {entry["file"]: entry["sha256"] for entry in json.loads((VENDOR / "vendor.json").read_text())}

    present = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "vendor.json"
    }

    assert present == recorded


def test_vendored_versions_are_those_of_the_lock():
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]

    recorded = {
        (entry["package"], entry["version"], entry["licence"])
        for entry in json.loads((VENDOR / "vendor.json").read_text())
    }

    assert recorded == {
        (name, packages[f"node_modules/{name}"]["version"], packages[f"node_modules/{name}"]["license"])
        for name, _, _ in recorded
    }


def lock() -> dict[str, dict[str, str]]:
    packages: dict[str, dict[str, str]] = json.loads((ROOT / "frontend" / "package-lock.json").read_text())[
        "packages"
    ]
    return packages


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_typescript_source_is_in_a_bundle():
    sources = {str(path.relative_to(ROOT / "frontend")) for path in (ROOT / "frontend" / "src").rglob("*.ts")}

    assert {name for record in BUNDLES for name in json.loads(record.read_text())["sources"]} == sources


@pytest.mark.parametrize("record", BUNDLES, ids=name_of)
def test_a_bundle_is_the_recorded_one_of_the_present_sources_and_packages(record: Path):
    """Without Node: a source or a pinned package that changed after `make vendor` shows here."""
    made = json.loads(record.read_text())

    assert sha256(record.with_suffix("")) == made["sha256"]
    assert {name: sha256(ROOT / "frontend" / name) for name in made["sources"]} == made["sources"]
    assert made["packages"] == [
        {
            "package": one["package"],
            "version": lock()[f"node_modules/{one['package']}"]["version"],
            "licence": lock()[f"node_modules/{one['package']}"]["license"],
        }
        for one in made["packages"]
    ]


def test_the_licences_of_all_bundled_packages_go_along():
    given = (STATIC / "app" / "LICENSES.txt").read_text()

    bundled = {one["package"] for record in BUNDLES for one in json.loads(record.read_text())["packages"]}

    assert {name for name in bundled if f"{name}\n{'=' * len(name)}\n" not in given} == set()


def test_the_lock_carries_no_registry_address():
    packages = json.loads((ROOT / "frontend" / "package-lock.json").read_text())["packages"]

    assert [name for name, entry in packages.items() if "resolved" in entry] == []


def test_what_every_page_loads_stays_far_below_100_kb():
    loaded = (
        "vendor/tabler.css",
        "app.css",
        "app.js",
        "vendor/icons.svg",
        "favicon.svg",
    )

    compressed = sum(len(gzip.compress((STATIC / file).read_bytes(), 6)) for file in loaded)

    assert compressed < 60_000


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_names_only_icons_of_the_sprite(path: Path):
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text()))

    named = set(re.findall(r"\bicon\(\"([^\"]+)\"", path.read_text()))

    assert named - sprite == set()


def test_navigation_names_only_icons_of_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (VENDOR / "icons.svg").read_text()))
    modules = [path for name in PACKAGES for path in (ROOT / name).glob("**/module.py")]

    named = {icon for path in modules for icon in re.findall(r"\bicon=\"([^\"]+)\"", path.read_text())}

    assert named - sprite == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_uses_only_classes_that_a_style_sheet_knows(path: Path):
    sheets = (VENDOR / "tabler.css").read_text() + (STATIC / "app.css").read_text()
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", sheets))

    attributes = re.findall(r'class="([^"]*)"', without_expressions(path.read_text()))
    whole = {word for value in attributes for word in value.split() if "\0" not in word}

    assert whole - known == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_obeys_the_content_security_policy(path: Path):
    text = without_expressions(path.read_text())

    found = re.findall(
        r"<style\b|<script(?![^>]*\bsrc=)[^>]*>|\sstyle=|\son[a-z]+=|\bhx-on|javascript:|"
        r'\b(?:src|action|hx-[a-z]+)="(?:https?:)?//',
        text,
    )

    assert found == []


def template_texts() -> set[str]:
    found = extract_from_dir(
        str(CORE / "web" / "templates"),
        method_map=[("**.html", "jinja2.ext:babel_extract")],
        keywords={"_": None},
    )
    return {str(message) for _, _, message, _, _ in found}


def test_every_text_of_the_core_pages_has_its_chinese():
    catalogue = Catalogue.load([CORE / "locale"])

    assert template_texts() - catalogue.chinese.keys() == set()


def test_a_translation_fills_the_same_places_as_its_english():
    with (CORE / "locale" / "zh_CN.po").open("rb") as file:
        messages = [(str(m.id), str(m.string)) for m in read_po(file, locale="zh_CN") if m.id]

    different = [
        english
        for english, chinese in messages
        if sorted(re.findall(r"\{\w+\}", english)) != sorted(re.findall(r"\{\w+\}", chinese))
    ]

    assert different == []


def luminance(colour: str) -> float:
    def linear(part: int) -> float:
        c = part / 255
        return c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        ("--house", "--paper"),
        ("--house", "--ground"),
        ("--house", "--house-pale"),
        ("--house-dark", "--house-pale"),
        ("--ink", "--ground"),
        ("--muted", "--paper"),
        ("--muted", "--ground"),
        ("--good", "--good-pale"),
        ("--bad", "--bad-pale"),
        ("--bad", "--ground"),
        ("--warn", "--warn-pale"),
        ("--paper", "--bad"),
        ("--paper", "--house"),
    ],
)
def test_text_stands_out_from_its_ground(text: str, ground: str):
    colours = dict(re.findall(r"(--[a-z-]+): (#[0-9a-f]{3,6});", (STATIC / "app.css").read_text()))
    six = {name: "#" + "".join(d * 2 for d in c[1:]) if len(c) == 4 else c for name, c in colours.items()}

    dark, light = sorted((luminance(six[text]), luminance(six[ground])))

    assert (light + 0.05) / (dark + 0.05) >= 4.5


def render(source: str, *, lang: str = "zh_CN", **context: object) -> str:
    env = Environment(
        loader=FileSystemLoader(CORE / "web" / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["bundles"] = BUNDLE_RECORDS
    env.filters.update(beijing=start_text, beijing_end=end_text, money=money, filesize=filesize)
    head = '{% import "components.html" as c with context %}{% import "forms.html" as f with context %}'
    translate = Catalogue.load([CORE / "locale"]).translator(lang)
    return env.from_string(head + source).render(_=translate, lang=lang, now=NOW, **context)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (timedelta(days=2, hours=18, minutes=39, seconds=53), "2 天 18:39:53"),
        (timedelta(minutes=19), "00:19:00"),
        (timedelta(seconds=1), "00:00:01"),
        (timedelta(0), "时间已到"),
        (timedelta(seconds=-1), "时间已到"),
    ],
)
def test_a_countdown_is_right_without_javascript(left: timedelta, shown: str):
    html = render("{{ c.countdown(until) }}", until=NOW + left)

    assert words(html) == shown


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (1234567890, "12,345,678.90 元 1,234.56789 万元"),
        (100000000, "1,000,000.00 元 100.00 万元"),
        (1, "0.01 元 0.000001 万元"),
    ],
)
def test_money_in_ten_thousands_loses_no_fen(fen: int, shown: str):
    assert words(render("{{ c.money(fen, true) }}", fen=fen)) == shown


def test_a_table_cell_shows_hostile_text_as_text():
    html = render('{{ c.data_table("T", [("a", "A")], rows) }}', rows=[{"a": "<script>alert(1)</script>"}])

    assert re.findall(r"<td[^>]*>(.*?)</td>", html) == ["&lt;script&gt;alert(1)&lt;/script&gt;"]


def test_a_table_without_rows_says_what_will_come():
    html = render('{{ c.data_table("异议", [("a", "A")], [], "提出后显示在这里。") }}')

    assert words(html) == "异议 提出后显示在这里。"


def test_a_wrong_field_is_linked_named_and_keeps_its_value():
    field = '{{ f.field("sum", "Price", value="0", error=f.error_of(errors, "sum")) }}'

    html = render(
        "{{ f.error_summary(errors) }}" + field,
        lang="en",
        errors=[{"field": "sum", "text": "More than zero."}],
    )

    assert words(html) == "Please check what you entered More than zero. Price More than zero."
    assert re.findall(r'href="#(\w+)"|<input[^>]* id="(\w+)"', html) == [("sum", ""), ("", "sum")]
    assert re.findall(r'value="(\w*)"[^>]*aria-describedby="([^"]*)"', html) == [("0", " sum-error")]


def test_a_password_is_never_sent_back():
    html = render('{{ f.field("password", "Password", value="geheim", type="password") }}')

    assert re.findall("geheim", html) == []


@pytest.mark.parametrize("template", ["home.html", "schema.html", "error.html"])
@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_a_whole_page_has_one_heading_and_the_band(template: str, lang: str):
    problem = SimpleNamespace(text="Sign in first.", data={}, code="E_SIGN_IN", status=401)
    visitor = SimpleNamespace(signed_in=False, name="", organisation="", roles=())
    site = {"name": "S", "version": "1", "checkpoint_size": 0, "checkpoint_root": "", "unread": 0}

    html = render(
        f'{{% include "{template}" %}}',
        lang=lang,
        actor=visitor,
        nav=[],
        site=site,
        band="DEMO",
        bands=[],
        doors=[],
        path="/",
        here="/",
        other={"code": "en", "tag": "en", "name": "English"},
        groups=[],
        openings=[],
        figures=[],
        errors=[],
        values={"login": ""},
        next="/",
        openapi="/schema/openapi.json",
        problem=problem,
        back="",
        is_new=True,
        request_number="0123456789abcdef",
    )

    assert len(re.findall(r"<h1[ >]", html)) == 1
    assert len(re.findall("DEMO", html)) == 1
    assert re.findall(r'<html lang="([^"]+)"', html) == ["zh-CN" if lang == "zh_CN" else "en"]
