"""`haechi witness` and `haechi key`, from a witness's making to a rollback that it refuses."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from tests.evidence.authority import Authority
from typer.main import get_command

from haechi.cli import key, witness
from haechi.evidence.note import verify
from haechi.evidence.signer import make_key, open_key
from haechi.evidence.timestamp import file
from haechi.evidence.vkey import COSIGNATURE, Vkey
from haechi.evidence.witness import cosigned
from haechi.model.errors import EvidenceError, SettingsError
from haechi.report.stores import open_store
from haechi.store.leaves import CustodyLeaf
from haechi.store.store import now
from haechi.workspace.load import load

Run = Callable[..., tuple[int, Any]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a verb in this process: its exit code and its JSON document, or its text without --json."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def call(app: typer.Typer, *arguments: str | Path) -> tuple[int, Any]:
        capsys.readouterr()
        command = get_command(app)
        with command.make_context("haechi", [str(argument) for argument in arguments]) as context:
            code = command.invoke(context)
        said = capsys.readouterr().out
        return code, json.loads(said) if "--json" in arguments else said

    return call


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "haechi.toml").write_text("")
    look(folder)
    return folder


def look(folder: Path) -> None:
    """Add an entry to the workspace's log."""
    open_store(load(folder)).note([CustodyLeaf(now(), "uid 1", "case show", {})])


SERVE = "import sys; from haechi.cli.witness import app; app(sys.argv[1:])"


@contextmanager
def served(folder: Path, *logs: str) -> Iterator[dict[str, Any]]:
    """The witness whose key is in `folder`, in a process of its own: what it says when it listens."""
    command = [sys.executable, "-c", SERVE, "serve", "--key", str(folder / "w.key"), "--port", "0", "--json"]
    command += [word for log in logs for word in ("--log", log)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        assert child.stdout is not None
        try:
            text = ""
            while not text.endswith("}\n"):
                line = child.stdout.readline()
                assert line, "the witness ended"
                text += line
            yield json.loads(text)
        finally:
            child.kill()


def settle(folder: Path, *witnesses: dict[str, Any], more: str = "") -> None:
    """Write the workspace's settings."""
    listed = "".join(
        f'[[evidence.witness]]\nurl = "{told["url"]}"\nkey = "{told["vkey"]}"\n' for told in witnesses
    )
    (folder / "haechi.toml").write_text(f"[evidence]\n{more}\n{listed}")


def test_a_log_is_witnessed_and_a_rollback_refused(run: Run, workspace: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        code, made = run(
            witness.app, "init", "--key", tmp_path / name / "w.key", "--name", f"{name}.example", "--json"
        )
        assert code == 0 and Vkey.parse(made["vkey"]).name == f"{name}.example"
    vkey = run(key.app, "show", "-w", workspace, "--json")[1]["vkey"]
    public = str(workspace / "haechi.key.pub")
    with served(tmp_path / "one", vkey) as one, served(tmp_path / "two", public) as two:
        settle(workspace, one, two)
        early = shutil.copytree(workspace, tmp_path / "early")
        look(workspace)
        code, said = run(witness.app, "submit", "-w", workspace, "--json")
        assert code == 0 and [answer["state"] for answer in said["witnesses"]] == ["signed", "signed"]

        head = open_store(load(workspace)).snapshot().head
        kept = cosigned.read(cosigned.files(workspace / "store")[0])
        for key_text in (vkey, one["vkey"], two["vkey"]):
            assert verify(head.body, kept.signatures, Vkey.parse(key_text))
        code, shown = run(witness.app, "show", "-w", workspace, "--json")
        assert [row["size"] for row in shown["witnesses"]] == [head.size, head.size] == [shown["size"]] * 2

        # The machine's owner puts back everything, the key's memory too: only the witnesses remember.
        code, said = run(witness.app, "submit", "-w", early, "--json")
        assert code == 3 and {answer["state"] for answer in said["witnesses"]} == {"refused"}
        assert run(witness.app, "show", "-w", early)[1].count("REFUSED") == 2
        look(early)
        code, text = run(witness.app, "submit", "-w", early)
        assert code == 3 and text.count("a fork") == 2
        look(early)
        code, text = run(witness.app, "submit", "-w", early)
        assert code == 3 and text.count("a fork") == 2

        look(workspace)
        assert run(witness.app, "submit", "-w", workspace)[0] == 0
        assert "REFUSED" not in run(witness.app, "show", "-w", workspace)[1]
    shown = "".join(run(witness.app, "show", "--key", tmp_path / "one" / "w.key")[1].split())
    for point in (open_store(load(workspace)).snapshot().head, open_store(load(early)).snapshot().head):
        assert point.root.hex() in shown
    code, memory = run(witness.app, "show", "--key", tmp_path / "one" / "w.key", "--json")
    assert [log["size"] for log in memory["logs"]] == [head.size + 1] and len(memory["refused"]) == 2


def test_one_witness_down(run: Run, workspace: Path, tmp_path: Path) -> None:
    run(witness.app, "init", "--key", tmp_path / "w.key", "--name", "w.example")
    vkey = open_key(workspace / "haechi.key").vkey
    with served(tmp_path, vkey) as told:
        gone = make_key(tmp_path / "gone.key", "gone.example", COSIGNATURE).vkey
        settle(workspace, {"url": "http://127.0.0.1:1", "vkey": gone}, told)
        code, said = run(witness.app, "submit", "-w", workspace, "--json")
    assert code == 3 and [answer["state"] for answer in said["witnesses"]] == ["failed", "signed"]
    assert len(cosigned.files(workspace / "store")) == 1


def test_a_replaced_key(run: Run, workspace: Path, tmp_path: Path) -> None:
    run(witness.app, "init", "--key", tmp_path / "w.key", "--name", "w.example")
    old = open_key(workspace / "haechi.key").vkey
    code, said = run(key.app, "rotate", "-w", workspace, "--json")
    assert code == 0 and said["vkey"] != old == said["old_vkey"] == open_key(Path(said["old"])).vkey
    with served(tmp_path, old) as told:
        settle(workspace, told)
        assert run(witness.app, "submit", "-w", workspace)[0] == 0  # this head carries both signatures
        look(workspace)
        code, text = run(witness.app, "submit", "-w", workspace)
        assert code == 3 and "does not know the key" in text
    with served(tmp_path, old, said["vkey"]) as told:
        settle(workspace, told)
        assert run(witness.app, "submit", "-w", workspace)[0] == 0


def test_timestamps_come_with_it(run: Run, workspace: Path, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    authority = Authority(tmp_path / "clock")
    (workspace / "roots.pem").write_bytes(authority.roots)
    with authority.serving() as url:
        settle(workspace, more=f'timestamp = "{url}"\ntimestamp-roots = "roots.pem"')
        code, said = run(witness.app, "submit", "-w", workspace, "--json")
        assert code == 0 and said["timestamp"]["authority"] == "CN=Example Clock"
    again = run(witness.app, "submit", "-w", workspace, "--json")
    assert again == (0, said)  # nobody was asked: this head has its timestamp
    assert run(witness.app, "show", "-w", workspace, "--json")[1]["stamped"] == 2
    look(workspace)
    code, said = run(witness.app, "submit", "-w", workspace, "--json")
    assert code == 3 and said["timestamp"] is None and "nobody answers" in said["timestamp_problem"]
    assert not file(workspace / "store", 3).exists()


def test_nobody_to_ask(run: Run, workspace: Path) -> None:
    with pytest.raises(SettingsError, match="no witness"):
        run(witness.app, "submit", "-w", workspace)
    code, text = run(witness.app, "show", "-w", workspace)
    assert code == 0 and "no witness" in text


def test_a_witness_is_made_once(run: Run, tmp_path: Path) -> None:
    made = ("init", "--key", tmp_path / "w.key", "--name", "w.example")
    assert run(witness.app, *made)[0] == 0
    before = (tmp_path / "w.key").read_bytes()
    with pytest.raises(EvidenceError, match="there is a key already"):
        run(witness.app, *made)
    assert (tmp_path / "w.key").read_bytes() == before
    with pytest.raises(typer.BadParameter):
        run(witness.app, "init", "--key", tmp_path / "x.key", "--name", "two words")


def test_a_witness_that_cannot_serve(run: Run, workspace: Path, tmp_path: Path) -> None:
    run(witness.app, "init", "--key", tmp_path / "w.key", "--name", "w.example")
    vkey = open_key(workspace / "haechi.key").vkey
    serve = ("serve", "--port", "0", "--key")
    for arguments, said in [
        ((*serve, workspace / "haechi.key", "--log", vkey), "memory is missing"),
        ((*serve, tmp_path / "none", "--log", vkey), "no signing key"),
        ((*serve, tmp_path / "w.key", "--log", vkey[:-3]), "public key cannot be read"),
        ((*serve, tmp_path / "w.key", "--log", tmp_path / "none"), "public key cannot be read"),
        ((*serve, tmp_path / "w.key", "--log", open_key(tmp_path / "w.key").vkey), "witness's"),
    ]:
        with pytest.raises(EvidenceError, match=said):
            run(witness.app, *arguments)
    with served(tmp_path, vkey), pytest.raises(EvidenceError, match="another process"):
        run(witness.app, *serve, tmp_path / "w.key", "--log", vkey)


def test_no_key_to_show(run: Run, tmp_path: Path) -> None:
    (tmp_path / "haechi.toml").write_text("")
    with pytest.raises(EvidenceError, match="no signing key"):
        run(key.app, "show", "-w", tmp_path)
