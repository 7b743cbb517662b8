"""`haechi witness`: be a witness of somebody's evidence log, or have one's own log witnessed."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.padding import Padding

from haechi.cli.options import BAD, NOTHING, AsJson, WorkspaceDir, needed_workspace, zone_of
from haechi.cli.output import Output
from haechi.evidence import timestamp
from haechi.evidence.signer import make_key, open_key, public_file
from haechi.evidence.vkey import COSIGNATURE, Vkey, good_name
from haechi.evidence.vouch import keys_of, vouch
from haechi.evidence.witness import cosigned, refusals
from haechi.evidence.witness.client import Answer
from haechi.evidence.witness.memory import Memory
from haechi.evidence.witness.refusals import Refusal
from haechi.evidence.witness.server import WitnessServer, alone
from haechi.evidence.witness.witness import Witness
from haechi.model.errors import EvidenceError, SettingsError
from haechi.report.figures import count, moment, zone_name
from haechi.report.layout import indented
from haechi.report.safe import inert
from haechi.report.stores import open_store
from haechi.workspace.load import Workspace

app = typer.Typer(no_args_is_help=True, help="Witness somebody's evidence log, or have your own witnessed.")
PORT = 8470
REFUSED_SHOWN = 20  # heads

KeyFile = Annotated[Path, typer.Option("--key", metavar="FILE", help="The witness's own key.")]


@app.command("init")
def init(
    key: KeyFile,
    name: Annotated[str, typer.Option("--name", help="The witness's name, such as witness.example/1.")],
    as_json: AsJson = False,
) -> int:
    """Make a witness's key, and its empty memory beside it. No workspace is needed."""
    out = Output.open(as_json)
    if not good_name(name):
        raise typer.BadParameter("A witness's name has no spaces and no plus sign.", param_hint="--name")
    if key.exists():
        raise EvidenceError("there is a key already; it was not replaced", where=str(key), kept="that key")
    try:
        Memory.make(memory_of(key))
    except OSError as error:
        raise EvidenceError(
            f"a witness cannot be made: {error.strerror}", where=str(memory_of(key))
        ) from error
    signer = make_key(key, name, COSIGNATURE)
    if as_json:
        out.document({"vkey": signer.vkey, "key": key, "public": public_file(key), "memory": memory_of(key)})
        return NOTHING
    out.answer.print(inert(signer.vkey), soft_wrap=True)
    out.answer.print(inert(f"The key is in {key}, and what the witness remembers in {memory_of(key)}."))
    out.answer.print(inert("Give the line above to those whose log you witness, and to those who check it."))
    return NOTHING


@app.command("serve")
def serve(
    key: KeyFile,
    logs: Annotated[
        list[str],
        typer.Option(
            "--log", metavar="VKEY", help="A log's public key, or a file with it; again for more logs."
        ),
    ],
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0: any free one.")] = PORT,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    as_json: AsJson = False,
) -> int:
    """Sign the heads of these logs until interrupted, and refuse every head that forgets an earlier one.

    Speaks c2sp.org/tlog-witness over plain HTTP: put it behind a proxy with TLS. No workspace is needed.
    """
    out = Output.open(as_json)
    signer = open_key(key)
    memory = Memory(memory_of(key), signer.key)
    witness = Witness(signer, [_vkey(log) for log in logs], memory)
    for log in witness.logs:
        memory.head(log.name)  # a damaged memory is said now, not to the first who asks
    with alone(memory.folder):
        try:
            server = WitnessServer(witness, host, port)
        except OSError as error:
            raise EvidenceError(f"cannot listen on {host}, port {port}: {error.strerror}") from error
        with server:
            url = f"http://{host}:{server.server_port}"
            names = list(dict.fromkeys(log.name for log in witness.logs))
            if as_json:
                out.document({"url": url, "vkey": signer.vkey, "logs": names})
            else:
                out.answer.print(inert(signer.vkey), soft_wrap=True)
                out.answer.print(inert(f"Listening on {url} for {', '.join(names)}"), soft_wrap=True)
            out.answer.file.flush()
            server.serve_forever()
    return NOTHING


@app.command("submit")
def submit(workspace: WorkspaceDir = None, as_json: AsJson = False) -> int:
    """Have the newest head of the log signed by the workspace's witnesses, and timestamped.

    Exit code 3: one of them refused, or gave no answer; the others' signatures are stored all the same.
    """
    found = needed_workspace(workspace)
    out = Output.open(as_json)
    settings = found.settings.evidence
    if not settings.witnesses and not settings.timestamp:
        raise SettingsError(
            "The workspace has no witness and no timestamp authority.",
            where=str(found.file),
            todo="Add [[evidence.witness]] with its url and key, or timestamp under [evidence].",
        )
    vouched = vouch(open_store(found).log(), settings, found.root)
    if as_json:
        out.document(
            {
                "checkpoint": str(vouched.point),
                "witnesses": [_document(answer) for answer in vouched.answers],
                "timestamp": vouched.stamp,
                "timestamp_problem": vouched.problem,
            }
        )
        return NOTHING if vouched.whole else BAD
    out.answer.print(inert(f"Head of {count(vouched.point.size, 'entry')}, {vouched.point.origin}"))
    for answer in vouched.answers:
        why = f": {answer.problem}" if answer.problem else ""
        out.answer.print(inert(f"  {answer.name}: {answer.state}{why}"))
    if vouched.stamp:
        zone = zone_of(found)
        when = f"{moment(vouched.stamp.time, zone)} ({zone_name(zone, vouched.stamp.time)})"
        out.answer.print(inert(f"  timestamped {when} by {vouched.stamp.authority}"))
    if vouched.problem:
        out.answer.print(inert(f"  not timestamped: {vouched.problem}"))
    return NOTHING if vouched.whole else BAD


@app.command("show")
def show(
    workspace: WorkspaceDir = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="A witness's own key.")] = None,
    as_json: AsJson = False,
) -> int:
    """Show what the workspace's witnesses have signed last; with --key, what the witness itself remembers."""
    out = Output.open(as_json)
    if key is not None:
        return _show_memory(key, out)
    found = needed_workspace(workspace)
    size = open_store(found).log().open().checkpoint.size
    known = cosigned.newest(found.store, keys_of(found.settings.evidence.witnesses))
    refused = refusals.read(found.store)
    rows: list[dict[str, Any]] = []
    for witness in found.settings.evidence.witnesses:
        head = known.get(witness.key)
        signed = head[0].size if head else 0
        time = datetime.fromtimestamp(head[1].time or 0, UTC) if head else None
        name, refusal = witness.key.partition("+")[0], refused.get(witness.key)
        rows.append({"url": witness.url, "name": name, "size": signed, "time": time, "refused": refusal})
    stamped = max((int(path.stem) for path in _stamps(found)), default=0)
    if as_json:
        out.document({"size": size, "witnesses": rows, "stamped": stamped})
        return NOTHING
    out.answer.print(inert(f"The log has {count(size, 'entry')}."))
    zone = zone_of(found)
    for row in rows:
        when = f", {moment(row['time'], zone)} ({zone_name(zone, row['time'])})" if row["time"] else ""
        last = f"{count(row['size'], 'entry')}{when}" if row["size"] else "nothing yet"
        indented(out.answer, inert(f"{row['name']} at {row['url']} has signed {last}"))
        if row["refused"]:
            indented(out.answer, _refusal(row["refused"], zone))
    if not rows:
        out.answer.print(
            inert("  no witness: nobody outside could tell if this log were rewritten as a whole")
        )
    out.answer.print(inert(f"  timestamped: {count(stamped, 'entry') if stamped else 'nothing yet'}"))
    return NOTHING


def _refusal(refused: Refusal, zone: tzinfo) -> Padding:
    at = datetime.fromtimestamp(refused.at, UTC)
    when = f"{moment(at, zone)} ({zone_name(zone, at)})"
    told = f"REFUSED our head of {count(refused.size, 'entry')} on {when}, and has signed none since: {refused.problem}"
    return Padding(inert(told, "bold red"), (0, 0, 0, 2))


def memory_of(key: Path) -> Path:
    """Where the witness of that key file remembers what it signed."""
    return key.with_name(f"{key.name}.memory")


def _show_memory(key: Path, out: Output) -> int:
    signer = open_key(key)
    memory = Memory(memory_of(key), signer.key)
    heads, refused = memory.heads(), memory.refused()
    if out.as_json:
        rows = [
            {"origin": point.origin, "size": point.size, "root": point.root.hex(), "time": signed.time}
            for point, signed in heads
        ]
        out.document({"vkey": signer.vkey, "logs": rows, "refused": refused})
        return NOTHING
    out.answer.print(inert(signer.vkey), soft_wrap=True)
    for point, signed in heads:
        when = moment(datetime.fromtimestamp(signed.time or 0, UTC), UTC)
        told = f"{point.origin}: {count(point.size, 'entry')}, root {point.root.hex()}, signed {when} UTC"
        indented(out.answer, inert(told), Padding(inert(f"in {memory.file(point.origin)}"), (0, 0, 0, 2)))
    if refused:
        told = f"{count(len(refused), 'head')} refused: signed by the log's key, and no continuation of what was signed"
        indented(out.answer, inert(told, "bold red"))
    for path in refused[-REFUSED_SHOWN:]:
        indented(out.answer, Padding(inert(_refused_head(path)), (0, 0, 0, 2)))
    return NOTHING


def _refused_head(path: Path) -> str:
    try:
        point = cosigned.read(path)
    except EvidenceError:
        return f"a head that cannot be read, in {path}"
    return f"{point.origin}: {count(point.size, 'entry')}, root {point.root.hex()}, in {path}"


def _vkey(text: str) -> Vkey:
    """A public key given as it is, or as a file."""
    if "+" in text and not Path(text).is_file():
        return Vkey.parse(text)
    try:
        return Vkey.parse(Path(text).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        raise EvidenceError("a log's public key cannot be read", where=text) from None


def _stamps(found: Workspace) -> list[Path]:
    folder = found.store / timestamp.FOLDER
    return [path for path in folder.glob("*.tsr") if path.stem.isdecimal()] if folder.is_dir() else []


def _document(answer: Answer) -> dict[str, Any]:
    return {
        "url": answer.url,
        "name": answer.name,
        "state": answer.state,
        "time": datetime.fromtimestamp(answer.time, UTC) if answer.state == "signed" else None,
        "problem": answer.problem,
    }
