"""Access records as rows of a CSV or TSV file with a header: the export of an audit screen, a spreadsheet.

Columns are found by their usual names in English, Korean and Japanese, or mapped in `haechi.toml`.
"""

from __future__ import annotations

from haechi.collect import quoted
from haechi.collect.expressions import hex_digest
from haechi.collect.header import ACCESS, choose, read_header
from haechi.collect.interface import Framing, Projection, Sample
from haechi.collect.tabular import csv_cells
from haechi.model.settings import SourceSettings
from haechi.model.words import Table

# The words that audit screens use for what was done, for the values of `action`.
ACTION_WORDS = {
    "view": (
        "view",
        "read",
        "select",
        "show",
        "get",
        "inquiry",
        "조회",
        "열람",
        "참조",
        "参照",
        "閲覧",
        "照会",
    ),
    "list": ("list", "search", "목록", "목록조회", "검색", "一覧", "検索"),
    "export": (
        "export",
        "download",
        "print",
        "copy",
        "다운로드",
        "출력",
        "인쇄",
        "반출",
        "ダウンロード",
        "出力",
        "印刷",
    ),
    "create": ("create", "insert", "add", "등록", "입력", "생성", "추가", "登録", "追加", "作成"),
    "update": ("update", "edit", "modify", "change", "수정", "변경", "편집", "更新", "変更", "修正", "編集"),
    "delete": ("delete", "remove", "삭제", "파기", "削除"),
    "login": ("login", "logon", "sign in", "signin", "로그인", "접속", "ログイン"),
    "logout": ("logout", "logoff", "sign out", "signout", "로그아웃", "ログアウト"),
    "refresh": ("refresh",),
}
_SUCCESS = "('success', 'succeeded', 'ok', 'true', 'allowed', 'granted', '성공', '정상', '成功')"
_FAILURE = "('failure', 'failed', 'fail', 'error', 'false', 'denied', 'refused', '실패', '거부', '失敗')"


class CsvRowsFormat:
    """One access record a row."""

    name = "csv"
    title = "CSV with a header"
    table: Table = "access"

    @property
    def framing(self) -> Framing:
        return quoted.records

    def share(self, sample: Sample) -> float:
        header = read_header(sample)
        if header is None:
            return 0.0
        chosen = choose(header.names, ACCESS)
        who = chosen.keys() & {"actor", "client_ip", "credential", "credential_secret"}
        what = chosen.keys() & {"path", "route", "action", "method", "subject"}
        return 1.0 if "time" in chosen and who and what else 0.0

    def projection(self, sample: Sample, source: SourceSettings) -> Projection:
        cells = csv_cells(sample, ACCESS, source)
        columns = dict(cells.value)
        notes = cells.notes
        readable, reason = cells.readable, cells.reason
        if "time" in columns:
            columns["time"], note = cells.time("time", source.timezone)
            notes += (note,) if "no zone" in note else ()
        else:
            readable, reason = "false", "no column holds the time"
        if "credential" in columns:
            columns["credential"] = hex_digest(columns["credential"])
            columns.pop("credential_secret", None)
        if "action" in columns:
            columns["action"] = action_from_words(columns["action"])
        if "outcome" in columns:
            word = f"lower({columns['outcome']})"
            columns["outcome"] = (
                f"CASE WHEN {word} IN {_SUCCESS} THEN 'success' WHEN {word} IN {_FAILURE} THEN 'failure' END"
            )
        return Projection(
            stages=cells.stages,
            columns=columns,
            readable=readable,
            reason=reason,
            reasons=cells.reasons,
            notes=notes,
        )


def action_from_words(expr: str) -> str:
    """SQL for the action that a word means; `other` for a word that is not known."""
    cases = " ".join(
        f"WHEN lower({expr}) IN ({', '.join(repr(word) for word in words)}) THEN '{action}'"
        for action, words in ACTION_WORDS.items()
    )
    return f"CASE WHEN {expr} IS NULL THEN NULL {cases} ELSE 'other' END"


FORMAT = CsvRowsFormat()
