"""What every package says of itself, in both languages."""

README_TEXT = """招标（采购）项目一轮次的归档包

离线核验只需本文件包和透明日志的公钥（请从其他渠道取得，与 log/vkey 比对）：

    trading archive verify 文件.zip --vkey 日志公钥

manifest.json          全部文件的路径、长度和 SHA-256；其哈希记入透明日志
manifest.tlog-proof    上述日志条目的包含证明（含检查点及其签名）
SHA256SUMS             供 sha256sum --check 使用
documents/ notices/    招标文件各版本、公告
clarifications/        已发布的澄清和修改
cases/                 异议、询问、质疑及已受理的投诉：全部往来和证据
lots/N/                第 N 标段：密钥清单、开标、评标、定标、合同、保证金
lots/N/opening/bids/   已开启的投标文件：投标人签名的清单、收到时的密文、密钥（.key）
certificates/          所有签名证书和登记机构证书（DER），文件名为证书的 SHA-256
log/                   日志公钥、见证策略、公开条目及其证明

打开一份投标文件（age 格式）：

    age -d -i 1-technical.key 1-technical.age > technical.zip

签名为 DSSE 信封（*.dsse.json）：对 “DSSEv1 类型长度 类型 内容长度 内容” 作 ECDSA P-256/SHA-256 或 SM2/SM3 签名，
keyid 为证书的 SHA-256。日志为 RFC 6962 默克尔树，检查点和证明按 C2SP 格式。

The archive of one round of a tender

To check it offline you need this package and the public key of the transparency log, from another place
(compare it with log/vkey):

    trading archive verify FILE.zip --vkey KEY

manifest.json          path, length and SHA-256 of every file; its own hash is an entry of the log
manifest.tlog-proof    the inclusion proof of that entry, with the signed checkpoint
SHA256SUMS             for sha256sum --check
documents/ notices/    all versions of the tender documents, all notices
clarifications/        what was released of questions and changes
cases/                 objections, queries, challenges and accepted complaints: all that was said, and evidence
lots/N/                lot N: key manifest, opening, evaluation, award, contract, deposits
lots/N/opening/bids/   opened bids: what the bidder signed, the ciphertext as received, the key (.key)
certificates/          every certificate that signed, and the registration authority's (DER), named by SHA-256
log/                   the log's key, the policy of witnesses, public entries with their proofs

To open a part of a bid (age's format):

    age -d -i 1-technical.key 1-technical.age > technical.zip

Signatures are DSSE envelopes (*.dsse.json): ECDSA P-256 with SHA-256, or SM2 with SM3, over
"DSSEv1 length type length body"; the keyid is the SHA-256 of the certificate. The log is an RFC 6962 Merkle tree,
its checkpoints and proofs have C2SP's formats.
"""
