"""haechi.toml: what is read, and that every problem is named with its key and its line."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haechi.model.errors import SettingsError
from haechi.model.settings import RouteSettings, Settings
from haechi.workspace.load import Workspace, find, load
from haechi.workspace.problems import BadSettings

WHOLE = """\
[workspace]
name = "shop"
timezone = "Asia/Seoul"

[[source]]
name = "gateway"
paths = ["logs/*.json"]
columns = { client_ip = "remote", credential_secret = "authorization" }

[[source]]
name = "issuance"
table = "issuance"
paths = ["issuance.jsonl"]

[[route]]
path = "/members/{id}"
fields = ["name"]
subject = "path:id"

[[issuer]]
name = "https://login.example"
issuance = "issuance"
token-life = "1h30m"

[[issuer.key]]
kid = "k1"
not-before = 2025-01-01
not-after = 2025-02-01
readers = ["E1"]

[[issuer.key]]
kid = "k2"
not-before = 2025-01-01T00:00:00Z

[[exposes]]
name = "book"
database = "book.parquet"
sql = "FROM exposes"
routes = ["/members/{id}"]

[rules.some-rule]
enabled = false
"""


def write(folder: Path, text: str) -> Path:
    (folder / "haechi.toml").write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def problems(folder: Path, text: str, formats: set[str] | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(BadSettings) as caught:
        load(write(folder, text), formats)
    return [(problem.line, problem.key, problem.text) for problem in caught.value.problems]


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    workspace = load(write(tmp_path, WHOLE))
    settings = workspace.settings
    assert settings.workspace.name == "shop"
    assert settings.sources[0].columns == {"client_ip": "remote", "credential_secret": "authorization"}
    assert settings.routes == [RouteSettings("/members/{id}", fields=["name"], subject="path:id")]
    assert settings.rules == {"some-rule": {"enabled": False}}
    assert workspace.store == tmp_path / "store"
    assert (workspace.line("source", 1, "table"), workspace.line("issuer", 0, "key", 1, "kid")) == (12, 32)


def test_times_of_keys_are_read_in_the_workspace_zone_and_last_their_day(tmp_path: Path) -> None:
    first, second = load(write(tmp_path, WHOLE)).settings.issuers[0].keys
    assert first.not_before == datetime(2024, 12, 31, 15, tzinfo=UTC)
    assert first.not_after == datetime(2025, 2, 1, 14, 59, 59, 999999, tzinfo=UTC)
    assert second.not_before == datetime(2025, 1, 1, tzinfo=UTC)


def test_an_empty_file_is_a_workspace_with_defaults(tmp_path: Path) -> None:
    assert load(write(tmp_path, "")).settings == Settings()


def test_the_nearest_workspace_upwards_is_found(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    found = find(deep)
    assert isinstance(found, Workspace) and found.root == tmp_path
    write(tmp_path / "a", "")
    nearer = find(deep)
    assert nearer is not None and nearer.root == tmp_path / "a"


def test_no_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"There is no haechi\.toml"):
        load(tmp_path)


def test_all_problems_come_at_once_in_order_of_lines(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """\
        [workspace]
        timezone = "Asia/Seol"
        [[source]]
        name = "a"
        pahts = ["x"]
        [[source]]
        name = "b"
        paths = ["x"]
        table = "acess"
        [[route]]
        path = "/a/{id}"
        subject = "path:x"
        """,
    )
    assert [(line, key) for line, key, _ in found] == [
        (2, "workspace.timezone"),
        (3, "source[1]"),
        (5, "source[1].pahts"),
        (9, "source[2].table"),
        (12, "route[1].subject"),
    ]
    assert 'Did you mean "paths"?' in found[2][2] and 'Did you mean "access"?' in found[3][2]


SOURCE = '[[source]]\nname = "a"\npaths = ["x"]\n'
ROUTE = '[[route]]\npath = "/a/{id}"\n'
ISSUER = '[[issuer]]\nname = "i"\n'
KEY = "[[issuer.key]]\nkid = 'k'\n"


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("colour = 1", 1, "colour", "is not a setting here"),
        ("source = 3", 1, "source", "must be a list ([[source]])"),
        ("source = [3]", 1, "source[1]", "must be a table"),
        ("[store]\nthreads = '2'", 2, "store.threads", "must be a whole number, not text"),
        ("[store]\nmemory = 'much'", 2, "store.memory", "amount of memory"),
        ("[store]\nmemory = '10MB'", 2, "store.memory", "128MB or more"),
        ("[store]\nthreads = -1", 2, "store.threads", "0 (one for each core) or more"),
        ("[coverage]\nsilent-at-least = 'soon'", 2, "coverage.silent-at-least", "not a length of time"),
        ("[coverage]\nsilent-factor = nan", 2, "coverage.silent-factor", "1 or more"),
        ("[coverage]\nsilent_factor = 2", 2, "coverage.silent_factor", 'Did you mean "silent-factor"?'),
        (SOURCE + SOURCE, 5, "source[2].name", '"a" is also the name of source[1]'),
        (SOURCE + "format = 'combned'", 4, "source[1].format", 'Did you mean "combined"?'),
        (SOURCE + "timezone = 'Mars/Base'", 4, "source[1].timezone", "unknown time zone"),
        (SOURCE + "timezone = '../../etc/passwd'", 4, "source[1].timezone", "unknown time zone"),
        (SOURCE + "[source.columns]\ntim = 'x'", 5, "source[1].columns.tim", 'Did you mean "time"?'),
        (SOURCE + "[source.columns]\nseq = 'x'", 5, "source[1].columns.seq", "is not a column"),
        ('[[source]]\nname = "a"\npaths = []', 3, "source[1].paths", "names no file"),
        ('[[source]]\nname = "a b"\npaths = ["x"]', 2, "source[1].name", "letters, digits"),
        (ROUTE + "action = 'look'", 3, "route[1].action", 'unknown action "look"'),
        (ROUTE + "method = 'GET POST'", 3, "route[1].method", "one method"),
        (ROUTE + "fields = ['a,b']", 3, "route[1].fields", "comma"),
        (ROUTE + "subject = 'header:x'", 3, "route[1].subject", "must be"),
        (ROUTE + "subject = 'query:'", 3, "route[1].subject", "must be"),
        (ROUTE + '[[route]]\npath = "/a/{name}/"', 4, "route[2].path", "the same requests as route[1]"),
        ("[[route]]\npath = 'a'", 2, "route[1].path", 'begin with "/"'),
        ("[[route]]\npath = '/{a}{b}'", 2, "route[1].path", "at most one {name}"),
        ("[[route]]\npath = '/{a...}/b'", 2, "route[1].path", "takes all that is left"),
        ("[[route]]\npath = '/{a}/{a}'", 2, "route[1].path", "two parameters of one name"),
        ("[[route]]\npath = '/a?b=1'", 2, "route[1].path", "query"),
        (ISSUER + "issuance = 'x'", 3, "issuer[1].issuance", 'names no source "x"'),
        (SOURCE + ISSUER + "issuance = 'a'", 6, "issuer[1].issuance", 'whose table is "access"'),
        (ISSUER + "token-life = '1 year'", 3, "issuer[1].token-life", "not a length of time"),
        (ISSUER + KEY * 2, 6, "issuer[1].key[2].kid", "also the kid of key[1]"),
        (
            ISSUER + KEY + "not-before = 2025-01-02\nnot-after = 2025-01-01",
            6,
            "issuer[1].key[1].not-after",
            "before",
        ),
        (ISSUER + KEY + "readers = ['E1', 'E1']", 5, "issuer[1].key[1].readers", "more than once"),
        (ISSUER + KEY + "not-after = 'x'", 5, "issuer[1].key[1].not-after", "must be a date"),
        (
            "[[exposes]]\nname = 'b'\ndatabase = 'mysql://x'\nsql = 'x'\nroutes = ['/b']",
            3,
            "exposes[1].database",
            "postgresql",
        ),
    ],
)
def test_a_problem_names_key_and_line(tmp_path: Path, text: str, line: int, key: str, says: str) -> None:
    found = problems(tmp_path, text, {"combined", "json"})
    assert (line, key) in [(line, key) for line, key, _ in found]
    assert says in next(text for at, name, text in found if (at, name) == (line, key))


def test_a_source_that_could_not_be_read_may_be_the_one_meant(tmp_path: Path) -> None:
    text = "[[source]]\nname = 'issuance'\n" + ISSUER + "issuance = 'issuance'"
    assert [key for _, key, _ in problems(tmp_path, text)] == ["source[1]"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = ", 2), ("a = 1\n[x\n", 2), ("[a]\n\n[a]\n", 3), ("a = 1\na = 2", 2), ("a = '", 1)],
)
def test_a_syntax_error_names_its_line(tmp_path: Path, text: str, line: int) -> None:
    ((at, key, says),) = problems(tmp_path, text)
    assert (at, key) == (line, "") and says.startswith("is not valid TOML")


def test_bytes_that_are_not_text_are_placed(tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_bytes(b"a = 1\n\xff\xfe")
    with pytest.raises(BadSettings) as caught:
        load(tmp_path)
    assert caught.value.problems[0].line == 2


def test_a_windows_file_is_read_with_the_right_lines(tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_bytes(b"\xef\xbb\xbf[store]\r\n\r\nthreads = -1\r\n")
    with pytest.raises(BadSettings) as caught:
        load(tmp_path)
    assert [(problem.line, problem.key) for problem in caught.value.problems] == [(3, "store.threads")]


def test_a_value_of_the_wrong_kind_is_not_repeated(tmp_path: Path) -> None:
    ((_, _, says),) = problems(tmp_path, "[store]\nthreads = 'hunter2'")
    assert "hunter2" not in says


def vkey(name: str, key: bytes) -> str:
    public = b"\x01" + key
    hashed = hashlib.sha256(f"{name}\n".encode() + public).hexdigest()[:8]
    return f"{name}+{hashed}+{base64.b64encode(public).decode()}"


ANNA, BORIS = vkey("anna", bytes(32)), vkey("boris", b"\xfb" * 32)  # the second holds "+" in its base64
TWO_CUSTODIANS = f"[[custodian]]\nname = 'A'\nkey = '{ANNA}'\n[[custodian]]\nname = 'B'\nkey = '{BORIS}'\n"
WITNESS = f"[[evidence.witness]]\nurl = 'https://w.example/'\nkey = '{ANNA}'\n"
STAMPS = "[evidence]\ntimestamp = 'https://tsa.example'\n"


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ("[retention]\nkeep = '364d'\nkeep-reason = 'x'", 2, "retention.keep", "Notice 2026-9"),
        ("[retention]\nkeep = '365d'\nkeep-reason = 'x'", 2, "retention.keep", "less than 1y"),
        ("[retention]\nkeep = '3y'", 1, "retention", "keep-reason"),
        ("[retention]\nkeep = '3y'\nkeep-reason = ' '", 1, "retention", "keep-reason"),
        ("[retention]\nkeep = 'long'", 2, "retention.keep", "not a length of time"),
        (SOURCE + "keep = '1y'", 4, "source[1].keep", "keep-reason"),
        (SOURCE + "keep = '51w'\nkeep-reason = 'law'", 4, "source[1].keep", "less than 1y"),
        (SOURCE + "keep-reason = 'law'", 4, "source[1].keep-reason", 'no "keep"'),
        (SOURCE + "table = 'issuance'\nkeep = '1d'\nkeep-reason = 'law'", 5, "source[1].keep", "less than"),
        (SOURCE + "table = 'subject'\nkeep = '2y'", 5, "source[1].keep", "keep-reason"),
        (SOURCE + "table = 'person'\nkeep = '0d'\nkeep-reason = 'x'", 5, "source[1].keep", "keeps nothing"),
        ("[evidence]\nkey = ''", 2, "evidence.key", "names no file"),
        (STAMPS, 2, "evidence.timestamp", "timestamp-roots"),
        ("[evidence]\ntimestamp = 'tsa'", 2, "evidence.timestamp", "https://"),
        (WITNESS.replace("https", "ftp"), 2, "evidence.witness[1].url", "https://"),
        (WITNESS.replace("anna+", "anne+"), 3, "evidence.witness[1].key", "not a public key"),
        (WITNESS * 2, 6, "evidence.witness[2].key", "also the key of witness[1]"),
        (TWO_CUSTODIANS.replace("'B'", "'A'"), 5, "custodian[2].name", "custodian[1]"),
        (TWO_CUSTODIANS.replace(BORIS, vkey("b", bytes(32))), 6, "custodian[2].key", "custodian[1]"),
        (TWO_CUSTODIANS.replace("'B'", "''"), 5, "custodian[2].name", "empty"),
        (f"[[custodian]]\nname = 'A'\nkey = '{ANNA}'", 1, "custodian[1]", "two custodians"),
    ],
)
def test_a_problem_of_evidence_and_retention(
    tmp_path: Path, text: str, line: int, key: str, says: str
) -> None:
    found = problems(tmp_path, text)
    assert (line, key) in [(line, key) for line, key, _ in found]
    assert says in next(text for at, name, text in found if (at, name) == (line, key))


@pytest.mark.parametrize(
    "text",
    [
        WITNESS + TWO_CUSTODIANS,
        STAMPS + "timestamp-roots = 'tsa.pem'",
        "[retention]\nkeep = '732d'",
        "[retention]\nkeep = '5y'\nkeep-reason = 'e-commerce act'\n" + SOURCE + "keep = '5y'",
        SOURCE + "keep = '1y'\nkeep-reason = 'fewer than 50,000 persons'",
        SOURCE + "table = 'subject'\nkeep = '30d'\nkeep-reason = 'a copy'",
    ],
)
def test_good_evidence_and_retention(tmp_path: Path, text: str) -> None:
    load(write(tmp_path, text))


def test_a_wrong_retention_does_not_accuse_its_sources(tmp_path: Path) -> None:
    text = "[retention]\nkeep = 'x'\n" + SOURCE + "keep = '2y'"
    assert [key for _, key, _ in problems(tmp_path, text)] == ["retention.keep"]


_VALUES = st.recursive(
    st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.dates(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@settings(deadline=None)  # each example writes and loads a file
@given(st.sampled_from(["source", "route", "issuer", "exposes"]), st.lists(_VALUES, max_size=3))
def test_wrong_kinds_never_get_through_or_crash(
    tmp_path_factory: pytest.TempPathFactory, key: str, values: list[object]
) -> None:
    import tomlkit

    folder = tmp_path_factory.mktemp("w")
    (folder / "haechi.toml").write_text(tomlkit.dumps({key: values}), encoding="utf-8")
    if values:
        with pytest.raises(BadSettings):
            load(folder)
    else:
        assert load(folder).settings.sources == []


def test_a_format_of_another_table_is_a_problem(tmp_path: Path) -> None:
    text = '[[source]]\nname = "a"\npaths = ["a"]\nformat = "registry"\n'
    write(tmp_path, text)
    with pytest.raises(BadSettings) as caught:
        load(tmp_path, {"registry": "subject", "json": "access"})
    (problem,) = caught.value.problems
    assert (problem.line, problem.key) == (4, "source[1].format")
    assert '"subject"' in problem.text and '"access"' in problem.text
    write(tmp_path, text + 'table = "subject"\n')
    assert load(tmp_path, {"registry": "subject"}).settings.sources[0].format == "registry"


def test_what_is_read_to_make_columns_of_may_be_named(tmp_path: Path) -> None:
    names = ("request_line", "token_id", "credential_sha256", "credential_secret")
    said = "".join(f"{name} = '\"{name}.x\"'\n" for name in names)
    text = f'[[source]]\nname = "a"\npaths = ["a"]\n[source.columns]\n{said}'
    assert set(load(write(tmp_path, text)).settings.sources[0].columns) == set(names)
