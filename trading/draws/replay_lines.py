"""A draw as lines for a shell: each prints with `sha256sum` what the document says."""

from __future__ import annotations

from dataclasses import dataclass

from trading.draws.replay import Document


@dataclass(frozen=True, slots=True)
class Line:
    """What a line computes (`code` of `replay_words.STEPS`, about what), the line, and the hash it must print."""

    code: str
    about: str
    command: str
    expected: str


def lines(document: Document) -> list[Line]:
    """Every hash of a draw; of the tickets the first, as the others differ in the id alone.

    Ids, names and hashes hold neither spaces nor quotes, so they need none in the shell.
    """
    d = document
    reveals = [one["reveal"] for one in d["contributors"]]
    pool = _printed("\\n", d["pool"])
    found = [Line("pool", "", pool, d["pool_hash"])]
    excluded = [word for one in d["exclusions"] for word in (one["id"], one["reason"])]
    if excluded:
        found.append(Line("exclusions", "", _printed(" %s\\n", excluded), d["exclusions_hash"]))
    if d["quotas"]:
        quotas = " ".join(
            f"'{' '.join([one['name'], str(one['number']), *one['of']])}'" for one in d["quotas"]
        )
        found.append(Line("quotas", "", f"printf '%s\\n' {quotas} | sha256sum", d["quotas_hash"]))
    found += [
        Line(
            "commitment",
            one["name"],
            f"printf 'bidseal/v1/draw-commit\\n%s\\n%s\\n%s' {d['draw_id']} {one['name']} {one['reveal']} | sha256sum",
            one["commitment"],
        )
        for one in d["contributors"]
    ]
    found.append(
        Line(
            "seed",
            "",
            f"printf 'bidseal/v1/draw-seed\\n%s\\n%s' {d['draw_id']} {d['pool_hash']}{''.join(reveals)} | sha256sum",
            d["seed"],
        )
    )
    first = d["tickets"][0]
    found.append(
        Line(
            "tickets",
            first["id"],
            f"printf 'bidseal/v1/ticket\\n%s\\n%s' {d['seed']} {first['id']} | sha256sum",
            first["ticket"],
        )
    )
    return found


def _printed(after: str, words: list[str]) -> str:
    return f"printf '%s{after}' {' '.join(words)} | sha256sum"
