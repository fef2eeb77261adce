"""How laws are cited in Chinese texts."""

from __future__ import annotations

import re

_ARTICLE = re.compile(r" art\. (\d+(?:, \d+)*)(?: ?\((\d+)\))?")


def cited(text: str) -> str:
    """The text with each law's articles as Chinese names them: art. 5, 6 becomes 第5、6条."""
    if _ARTICLE.search(text) is None:
        return text
    return _ARTICLE.sub(
        lambda found: f"第{found[1].replace(', ', '、')}条{f'第{found[2]}项' if found[2] else ''}", text
    ).replace("; ", "；")
