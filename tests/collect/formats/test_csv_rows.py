"""Access records as CSV: header names in three languages, mapping, quoting."""

from __future__ import annotations

import hashlib
from datetime import datetime

import pytest
from tests.collect.harness import named, read, recognised, source

from haechi.model.errors import SettingsError

ENGLISH = (
    "timestamp,user,ip,action,path,member_id,status\n"
    "2025-03-04T05:06:07+09:00,kim,192.0.2.1,Download,/members/7,7,200\n"
)
KOREAN = (
    "접속일시\t계정\t접속지정보(IP)\t처리한 정보주체\t수행업무\n"
    "2025-03-04 05:06:07\tkim\t192.0.2.1\t회원7\t조회\n"
)
JAPANESE = "アクセス日時,アカウント,IPアドレス,対象者,操作\n2025/03/04 05:06:07,kim,192.0.2.1,会員7,更新\n"


@pytest.mark.parametrize(
    ("text", "subject", "action"),
    [(ENGLISH, "7", "export"), (KOREAN, "회원7", "view"), (JAPANESE, "会員7", "update")],
)
def test_known_header_names(text: str, subject: str, action: str) -> None:
    found = read(named("csv"), text, source(timezone="Asia/Seoul"))
    (record,) = found.records
    assert record["time"] == datetime(2025, 3, 3, 20, 6, 7)
    assert (record["actor"], record["client_ip"]) == ("kim", "192.0.2.1")
    assert (record["subject"], record["action"]) == (subject, action)
    assert found.aside == [(1, "the header line")]
    assert recognised(text) == ["csv"]


def test_columns_can_be_mapped() -> None:
    text = "wann;wer;was\n2025-03-04;kim;Akte 7\n"
    settings = source(format="csv", columns={"time": "wann", "actor": "wer", "subject": "was"})
    (record,) = read(named("csv"), text, settings).records
    assert (record["time"], record["actor"], record["subject"]) == (datetime(2025, 3, 4), "kim", "Akte 7")


def test_a_mapping_to_a_column_that_is_not_there_is_refused() -> None:
    with pytest.raises(SettingsError, match="'nobody'") as caught:
        read(named("csv"), ENGLISH, source(columns={"actor": "nobody"}))
    assert "timestamp, user, ip" in caught.value.diagnostics()


def test_a_secret_is_kept_as_its_hash_alone() -> None:
    text = "time,path,token\n2025-03-04,/a,s3cret\n"
    (record,) = read(named("csv"), text).records
    assert record["credential"] == hashlib.sha256(b"s3cret").digest()[:16]
    assert "s3cret" not in repr(record)


def test_a_digest_is_taken_as_it_is() -> None:
    digest = hashlib.sha256(b"s3cret").hexdigest()
    (record,) = read(named("csv"), f"time,path,token_sha256\n2025-03-04,/a,{digest}\n").records
    assert record["credential"] == bytes.fromhex(digest)[:16]


def test_rows_that_do_not_fit_are_set_aside_with_the_reason() -> None:
    text = (
        ENGLISH
        + "2025-03-04,kim\n"
        + 'yesterday,kim,192.0.2.1,view,/,7,200\n2025-03-04,a"b"c,"x"y,view,/,7,200\n'
    )
    text += ENGLISH.split("\n")[0] + "\n"
    found = read(named("csv"), text)
    assert len(found.records) == 1
    assert found.aside == [
        (1, "the header line"),
        (3, "not a whole row of 7 columns"),
        (4, "its time cannot be read"),
        (5, "not a whole row of 7 columns"),
        (6, "the header line"),
    ]


def test_without_a_header_nothing_is_guessed() -> None:
    assert recognised("2025-03-04,kim,192.0.2.1\n2025-03-05,kim,192.0.2.1\n") == []
    found = read(named("csv"), "2025-03-04,2025-03-04\n", source(format="csv"))
    assert found.records == []


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    found = read(named("csv"), "\ufeff" + ENGLISH)
    assert len(found.records) == 1 and found.aside == [(1, "the header line")]
