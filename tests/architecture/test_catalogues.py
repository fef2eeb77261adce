"""Every sentence people can see has its Chinese, and templates hold none of their own."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PACKAGES = ("govcore", "bidding_docs", "guarantees", "trading", "bureau")
CATALOGUES = sorted(path for name in PACKAGES for path in (ROOT / name).glob("**/locale/zh_CN.po"))
TEMPLATES = sorted(path for name in PACKAGES for path in (ROOT / name).glob("**/templates/**/*.html"))
MODULES = sorted(path for name in PACKAGES for path in (ROOT / name).glob("**/*.py"))
CHINESE = re.compile(r"[㐀-鿿豈-﫿]")
LAW = re.compile(
    r"(政府采购法实施条例|政府采购法|财库〔2014〕214号|87号令|招标投标法|实施条例|电子招标投标办法|评标委员会和评标方法暂行规定)"
    r"( art\. \d+)?"
)
"""Laws are cited by their names, in both languages."""

TABLES = {"_WORDS", "_NAMES", "HINTS", "_LIMITS", "_BAND"}
"""Tables of module level with these endings hold keys of the catalogue."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def entries(path: Path) -> list[tuple[str, str]]:
    with path.open("rb") as file:
        return [(str(m.id), str(m.string)) for m in read_po(file, locale="zh_CN", abort_invalid=True) if m.id]


@cache
def chinese() -> dict[str, str]:
    return {key: text for path in CATALOGUES for key, text in entries(path) if text}


def texts_of_template(path: Path) -> set[str]:
    found = extract_from_file("jinja2.ext:babel_extract", str(path), keywords={"_": None})
    return {str(message) for _, message, _, _ in found}


def texts_of_module(path: Path) -> set[str]:
    """What the code passes to `_`, refuses with, tells people, shows in the navigation or keeps in tables."""
    tree = ast.parse(path.read_text())
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found |= _called(node)
        elif isinstance(node, ast.ClassDef):
            found |= _refused(node)
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            found |= _tabled(statement)
    return found


def _called(node: ast.Call) -> set[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    if name in ("_", "translate", "Detail", "Field", "Rule"):
        return _strings(node.args[:1])
    if name in ("Task", "Step"):
        return _strings([k.value for k in node.keywords if k.arg in ("text", "article", "word")])
    if name in ("NavItem", "tell", "write_to"):
        return _strings([k.value for k in node.keywords if k.arg == "text"])
    if name == "Conflict":
        return _strings([k.value for k in node.keywords if k.arg == "reason"])
    if name == "Act":
        labels = [v for k in node.keywords if isinstance(k.value, ast.Dict) for v in k.value.values]
        return _strings([k.value for k in node.keywords if k.arg in ("text", "warning")] + labels)
    details = _strings([k.value for k in node.keywords if k.arg == "detail"])
    return {text for text in details if " " in text}


def _refused(node: ast.ClassDef) -> set[str]:
    given = {
        target.id: statement.value
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return _strings([given["text"]]) if {"code", "text"} <= given.keys() else set()


def _tabled(statement: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if not any(name.endswith(tuple(TABLES)) for name in names) or statement.value is None:
        return set()
    value = statement.value
    return _strings(list(value.values) if isinstance(value, ast.Dict) else [value])


def _strings(nodes: list[ast.expr]) -> set[str]:
    words = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in words if not CHINESE.match(text)}


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_text_of_a_template_has_its_chinese(path: Path):
    assert sorted(texts_of_template(path) - chinese().keys()) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_detail_is_put_together_where_it_cannot_be_translated(package: str):
    calls = [
        (name_of(path), call.lineno)
        for path in MODULES
        if path.is_relative_to(ROOT / package)
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        for given in call.keywords
        if given.arg == "detail" and isinstance(given.value, ast.JoinedStr)
    ]

    assert calls == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_of_the_code_has_its_chinese(package: str):
    known = chinese()
    modules = [path for path in MODULES if path.is_relative_to(ROOT / package)]

    missing = {text: name_of(path) for path in modules for text in texts_of_module(path) if text not in known}

    assert missing == {}


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_has_no_chinese_of_its_own(path: Path):
    text = LAW.sub("", re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL))

    assert CHINESE.findall(text) == []


@pytest.mark.parametrize("path", CATALOGUES, ids=name_of)
def test_a_translation_fills_the_same_places_as_its_english(path: Path):
    different = [
        english
        for english, text in entries(path)
        if sorted(re.findall(r"\{\w*\}", english)) != sorted(re.findall(r"\{\w*\}", text))
    ]

    assert different == []


def test_all_catalogues_agree_on_a_text():
    texts: dict[str, set[str]] = {}
    for path in CATALOGUES:
        for english, text in entries(path):
            texts.setdefault(english, set()).add(text)

    assert {english: sorted(found) for english, found in texts.items() if len(found) > 1} == {}


@pytest.mark.parametrize("folder", sorted({path.parent for path in CATALOGUES}), ids=name_of)
def test_every_catalogue_is_loaded_by_the_platform(folder: Path):
    modules = "\n".join(path.read_text() for path in MODULES if path.name == "module.py")
    package = folder.parent
    own = (package / "module.py").exists() and '"locale"' in (package / "module.py").read_text()

    assert folder.is_relative_to(ROOT / "govcore") or own or f'"{package.name}" / "locale"' in modules
