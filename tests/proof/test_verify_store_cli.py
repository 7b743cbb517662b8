"""`haechi verify` as a person or a program runs it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.proof.evidence import KEY, SignedShop

from haechi.cli.main import run
from haechi.evidence.signer import make_key
from haechi.evidence.vkey import COSIGNATURE
from haechi.evidence.witness.cosigned import keep
from haechi.proof.verify_store_terminal import SHOWN
from haechi.store import layout

Verify = Callable[..., tuple[int, str, str]]

SETTINGS = """
[retention]
keep = "1y"
keep-reason = "fewer than 50,000 persons"

[[source]]
name = "gateway"
paths = ["gateway-*.log"]
format = "combined"
"""


@pytest.fixture
def shop(tmp_path: Path) -> SignedShop:
    """A workspace."""
    (tmp_path / "shop").mkdir()
    shop = SignedShop(tmp_path / "shop")
    (shop.root / "haechi.toml").write_text(SETTINGS)
    shop.take([400, 401], ["gateway"])
    return shop


@pytest.fixture
def verify(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shop: SignedShop) -> Verify:
    monkeypatch.chdir(shop.root)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = run(["verify", *map(str, arguments)])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def document(out: str) -> Any:
    return json.loads(out)


def test_the_workspace_is_checked_against_its_own_key_and_that_is_noted(
    verify: Verify, shop: SignedShop
) -> None:
    size = shop.store.snapshot().head.size
    code, out, _ = verify()
    assert code == 0 and out.startswith("Whole: 80 records in 2 batches, signed by a key that you trust.")
    assert shop.store.snapshot().head.size == size + 1
    code, out, _ = verify("--json")
    answer = document(out)
    assert (code, answer["whole"], answer["counts"]["records"]) == (0, True, 80)
    custody = [item for item in answer["verdicts"] if item["thing"] == "custody"]
    assert custody and "1 entry" in custody[0]["sentence"]


def test_a_copy_elsewhere(verify: Verify, shop: SignedShop, tmp_path: Path) -> None:
    shutil.copytree(shop.path, tmp_path / "copy")
    before = sorted(tmp_path.joinpath("copy").rglob("*"))
    code, out, _ = verify(tmp_path / "copy")
    assert code == 0 and "without a key that you trust" in out and shop.signer.vkey in out.replace("\n", "")
    for key in (shop.signer.vkey, shop.root / f"{KEY}.pub"):
        code, out, _ = verify(tmp_path / "copy", "--key", key)
        assert code == 0 and out.startswith("Whole: ")
    assert sorted(tmp_path.joinpath("copy").rglob("*")) == before


def test_damage_is_named_briefly_and_changes_nothing(verify: Verify, shop: SignedShop) -> None:
    for number in (0, 1):
        path = layout.raw_file(shop.path, number)
        path.write_bytes(path.read_bytes()[::-1])
    size = shop.store.snapshot().head.size
    code, out, err = verify()
    lines = out.splitlines()
    assert code == 3 and lines[0].startswith("Not whole (80 records in 2 batches): ")
    assert "batches/0000/0000000000.raw.zst" in out.replace("\n", "").replace(" ", "")
    assert len(lines) <= SHOWN + 10 and "stays as it was found" in err
    assert shop.store.snapshot().head.size == size
    assert verify("--json")[0] == 3


def test_a_foreign_key_and_a_thing_that_is_no_key(verify: Verify, shop: SignedShop, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other", "other.example")
    code, out, _ = verify(shop.path, "--key", other.vkey)
    assert code == 3 and "not the key that you trust" in out.replace("\n         ", "")
    assert verify(shop.path, "--key", "nonsense")[0] == 2
    witness = make_key(tmp_path / "w", "w.example", COSIGNATURE)
    assert verify(shop.path, "--key", witness.vkey)[0] == 2


def test_what_witnesses_say(verify: Verify, shop: SignedShop, tmp_path: Path) -> None:
    witness = make_key(tmp_path / "w", "w.example", COSIGNATURE)
    code, out, _ = verify(shop.path, "--witness", witness.vkey, "--json")
    assert code == 0 and "vouches for nothing here" in out
    point = shop.store.snapshot().head
    keep(shop.path, point, [witness.sign(point.body)])
    code, out, _ = verify(shop.path, "--witness", witness.vkey, "--json")
    assert code == 0 and "cosigned by w.example" in out
    kept = tmp_path / "kept"
    shutil.copy(shop.path / "cosigned" / str(point.size), kept)
    assert verify(shop.path, "--witness", witness.vkey, "--witness", kept)[0] == 0
    kept.write_text("no head")
    assert verify(shop.path, "--witness", kept)[0] == 3
    assert verify(shop.path, "--witness", "http://127.0.0.1:9")[0] == 2
    code, _, err = verify(shop.path, "--witness", "http://127.0.0.1:9", "--witness", witness.vkey)
    assert code == 3 and "witness" in err


def test_bad_targets_are_each_a_clear_sentence(verify: Verify, tmp_path: Path) -> None:
    code, _, err = verify(tmp_path / "nowhere")
    assert code == 3 and "no store here" in err
    (tmp_path / "empty").mkdir()
    code, _, err = verify(tmp_path / "empty")
    assert code == 3 and "no store" in err
    (tmp_path / "text").write_text("hello")
    code, out, _ = verify(tmp_path / "text")
    assert code == 3 and "no evidence pack" in out
