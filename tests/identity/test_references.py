"""References to secrets: what leads nowhere is an error, and no error tells what might be a secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from haechi.identity.references import secret_reader
from haechi.model.errors import SettingsError


def test_secrets_are_read_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = secret_reader(tmp_path)
    monkeypatch.setenv("HAECHI_TEST_SECRET", " p w ")
    (tmp_path / "unix").write_bytes(b"pw\n")
    (tmp_path / "dos").write_bytes(b"pw\r\n")
    (tmp_path / "odd").write_bytes(b"\xff\x00pw ")
    assert read("env:HAECHI_TEST_SECRET") == b" p w "
    assert [read(f"file:{name}") for name in ("unix", "dos", "odd")] == [b"pw", b"pw", b"\xff\x00pw "]
    assert read(f"file:{tmp_path}/unix") == b"pw"


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "hunter2",
        "env:",
        "file:",
        "env:HAECHI_NOT_SET",
        "file:none",
        "file:.",
        "file:empty",
        "file:huge",
        "file:pipe",
    ],
)
def test_what_leads_nowhere_is_an_error(tmp_path: Path, reference: str) -> None:
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "huge").write_bytes(b"x" * 70_000)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError) as caught:
        secret_reader(tmp_path)(reference)
    assert "hunter2" not in caught.value.diagnostics()
    assert "xxx" not in caught.value.diagnostics()
