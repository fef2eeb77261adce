"""The member list of a consortium in the browser and in Python: the same bytes, the same refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from bid_factories import World, certificate

from bidding_docs import dsse
from bidding_docs.consortium import Consortium, Grade, Member
from bidding_docs.encoding import b64encode, encode

LEAD = Member(
    id="91371500MA00000011", name="安澜公司", work="堤防", grades=(Grade(speciality="水利", level=3),)
)
OTHER = msgspec.structs.replace(LEAD, id="P-3F2A-91BC-04DE", grades=())


def test_both_read_the_member_list_of_a_consortium(js: Callable[..., Any]):
    body = Consortium(tender_id="tender-1", lot_id="lot-1", members=(LEAD, OTHER))
    raw = dsse.sign_document(body, [certificate(LEAD.id, World().authority)])
    alone = encode(msgspec.structs.replace(body, members=(LEAD,)))

    seen = js("return bs1.readConsortium(bs1.unbase64(given)).list", b64encode(raw))
    spelt = js(
        "return bs1.base64(bs1.encode(bs1.parseConsortium(bs1.unbase64(given))))", b64encode(encode(body))
    )
    refusal = js(
        "try { bs1.parseConsortium(bs1.unbase64(given)) } catch (error) { return error.code }",
        b64encode(alone),
    )

    assert seen == msgspec.to_builtins(body) | {"members": msgspec.json.decode(encode(body))["members"]}
    assert (spelt, refusal) == (b64encode(encode(body)), "E_SCHEMA")
