import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import guarantees
from govcore.errors import Problem
from govcore.i18n.catalogue import Catalogue
from guarantees import advice, intake, ledger, letter, policy, service

PACKAGE = Path(guarantees.__file__).parent
CHINESE = Catalogue.load([PACKAGE / "locale"]).chinese


def sentences() -> Iterator[str]:
    """What people are shown: the text of every refusal and the detail of every finding."""
    for module in (advice, intake, ledger, letter, policy, service):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Problem) and value.__module__ == module.__name__:
                yield from [value.text] if hasattr(value, "text") else []
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                yield from [a.value for a in node.args[2:3] if isinstance(a, ast.Constant)]


def placeholders(text: str) -> set[str | None]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_sentence_has_its_chinese_with_the_same_placeholders() -> None:
    found = set(sentences())

    assert sorted(found - CHINESE.keys()) == []
    assert sorted(CHINESE.keys() - found) == []
    assert [text for text in found if placeholders(text) != placeholders(CHINESE[text])] == []
