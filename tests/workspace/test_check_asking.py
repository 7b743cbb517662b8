"""What [mail], [asking] and [inspection] may say."""

from __future__ import annotations

from pathlib import Path

import pytest

from haechi.model.errors import SettingsError
from haechi.workspace.check_asking import is_address
from haechi.workspace.load import load

MAIL = '[mail]\nserver = "mail.office.example"\nsender = "privacy@office.example"\n'


def check(folder: Path, text: str) -> str:
    (folder / "haechi.toml").write_text(text)
    try:
        load(folder)
    except SettingsError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    "text",
    [
        "",
        MAIL,
        MAIL + 'user = "haechi"\ncredential = "env:MAIL"\nsecurity = "tls"\nport = 465\n',
        '[mail]\nserver = "127.0.0.1"\nsecurity = "none"\nsender = "a@b.example"\n',
        '[asking]\nurl = "https://answers.example/haechi/"\ndue = "2w"\nremind = []\nlanguage = "ja"\n',
        '[asking]\nurl = "http://localhost:8480"\ndatabase = "postgresql://haechi@db.example/haechi"\n',
        '[inspection]\ndue = ""\n',
    ],
)
def test_what_can_be_used_is_taken(tmp_path: Path, text: str) -> None:
    assert check(tmp_path, text) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[mail]\nserver = "mail.example"\n', 'mail: has no "sender"'),
        (MAIL + 'security = "none"\n', "mail.security: may be"),
        (MAIL + "port = 0\n", "mail.port"),
        (MAIL + 'user = "haechi"\n', 'mail: needs both "user" and "credential"'),
        (MAIL + 'user = "haechi"\ncredential = "s3cret"\n', "mail.credential: must be"),
        (MAIL.replace("privacy@", "privacy at "), "mail.sender: is no mail address"),
        (MAIL.replace("mail.office.example", "mail office"), "mail.server: is no name"),
        ('[asking]\nurl = "http://answers.example"\n', "whoever reads a link on its way"),
        ('[asking]\nurl = "https://answers.example/?a=b"\n', "asking.url: must be an address"),
        ('[asking]\nurl = "https://[x"\n', "asking.url: is no address"),
        ('[asking]\ndue = "soon"\n', "asking.due: is not a length of time"),
        ('[asking]\nremind = ["3d", "often"]\n', "asking.remind: is not a length of time"),
        ('[asking]\nlink-life = "x"\n', "asking.link-life"),
        ('[asking]\nescalate-to = "chief"\n', "asking.escalate-to: is no mail address"),
        ("[asking]\nrows = 0\n", "asking.rows: must be 1 to 200"),
        ('[asking]\nlanguage = "fr"\n', "asking.language"),
        ('[asking]\ndatabase = "mysql://x"\n', "asking.database: must be"),
        ('[asking]\ndatabase = "postgresql://u:s3cret@h/d"\n', "asking.database: holds a password"),
        ('[inspection]\ndue = "x"\n', "inspection.due: is not a length of time"),
    ],
)
def test_what_would_fail_later_is_said_now(tmp_path: Path, text: str, told: str) -> None:
    said = check(tmp_path, text)
    assert told in said and "s3cret" not in said


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("bora@office.example", True),
        ("b.kim+x@office.example", True),
        ("a@b.example, c@d.example", False),
        ("a@b.example\nBcc: c@d.example", False),
        ("Bora <bora@office.example>", False),
        ("보라@office.example", False),
        ("@office.example", False),
        ("a" * 250 + "@b.example", False),
    ],
)
def test_an_address_is_one_and_nothing_besides(text: str, one: bool) -> None:
    assert is_address(text) == one
