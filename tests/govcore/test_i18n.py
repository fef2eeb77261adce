"""The English sentence is the key; Chinese comes from the catalogues."""

from __future__ import annotations

from pathlib import Path

import pytest

from govcore.errors import Detail
from govcore.i18n import Catalogue

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def _folder(path: Path, **messages: str) -> Path:
    path.mkdir()
    body = "".join(f'msgid "{key}"\nmsgstr "{value}"\n\n' for key, value in messages.items())
    (path / "zh_CN.po").write_text(HEADER + body, encoding="utf-8")
    return path


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    first = _folder(tmp_path / "core", **{"Sign in": "登录", "Lot {n}": "第{n}标段", "Untranslated": ""})
    second = _folder(tmp_path / "slice", **{"Sign in": "进入", "Bid": "投标"})
    return Catalogue.load([first, second, tmp_path / "without-a-catalogue"])


@pytest.mark.parametrize(
    ("language", "sentence"), [("zh_CN", "登录"), ("en", "Sign in")], ids=["Chinese", "English"]
)
def test_a_sentence_is_said_in_the_language(catalogue: Catalogue, language: str, sentence: str) -> None:
    assert catalogue.translator(language)("Sign in") == sentence


@pytest.mark.parametrize(("language", "sentence"), [("zh_CN", "第2标段"), ("en", "Lot 2")])
def test_names_in_braces_are_filled(catalogue: Catalogue, language: str, sentence: str) -> None:
    assert catalogue.translator(language)("Lot {n}", n=2) == sentence


@pytest.mark.parametrize("text", ["Untranslated", "Not in any catalogue"])
def test_what_has_no_chinese_yet_stays_readable(catalogue: Catalogue, text: str) -> None:
    assert catalogue.translator("zh_CN")(text) == text


def test_the_first_catalogue_wins_and_later_ones_add(catalogue: Catalogue) -> None:
    assert catalogue.chinese == {"Sign in": "登录", "Lot {n}": "第{n}标段", "Bid": "投标"}


def test_braces_are_kept_when_there_is_nothing_to_fill(catalogue: Catalogue) -> None:
    assert catalogue.translator("en")('{"a": 1}') == '{"a": 1}'


@pytest.mark.parametrize(("language", "sentence"), [("zh_CN", "登录 第2标段"), ("en", "Sign in Lot 2")])
def test_a_detail_in_a_sentence_is_said_in_its_language(tmp_path: Path, language: str, sentence: str) -> None:
    messages = {"Sign in {detail}": "登录 {detail}", "Lot {n}": "第{n}标段"}
    translate = Catalogue.load([_folder(tmp_path / "core", **messages)]).translator(language)

    assert translate("Sign in {detail}", detail=Detail("Lot {n}", n=2)) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("实施条例 art. 54", "实施条例第54条"),
        ("T38 · 实施条例 art. 54, 55; 87号令 art. 68", "T38 · 实施条例第54、55条；87号令第68条"),
        ("政府采购法 art. 36 (1)", "政府采购法第36条第1项"),
    ],
)
def test_chinese_texts_cite_articles_in_the_chinese_way(
    catalogue: Catalogue, text: str, sentence: str
) -> None:
    assert catalogue.translator("zh_CN")(text) == sentence
    assert catalogue.translator("en")(text) == text


def test_what_somebody_is_called_is_no_word_of_ours(tmp_path: Path) -> None:
    messages = {"nobody": "无", "{person} sits on {seat}": "{person} 坐 {seat}"}
    translate = Catalogue.load([_folder(tmp_path / "core", **messages)]).translator("zh_CN")

    assert translate("{person} sits on {seat}", person="nobody", seat="nobody") == "nobody 坐 无"


def test_terms_change_our_own_sentences_the_longest_first_and_never_what_people_wrote() -> None:
    own = Catalogue({"Bids of {lot} close": "{lot}投标截止（招标投标法第三十六条）", "Bid": "投标文件"})
    spoken = own.speaking({"招标投标法": "招标投标法", "投标文件": "响应文件", "投标": "响应"})
    say = spoken.translator("zh_CN")

    assert say("Bids of {lot} close", lot="投标箱一标") == "投标箱一标响应截止（招标投标法第三十六条）"
    assert say("Bid") == "响应文件"
    assert spoken.translator("en")("Bid") == "Bid"
    assert own.speaking({}) is own
