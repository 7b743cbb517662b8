"""Witnesses over the network: submitting, forks, bad servers, and a witness that is killed."""

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from haechi.evidence import connections
from haechi.evidence.checkpoint import Checkpoint
from haechi.evidence.merkle import consistency_proof, leaf_hash, tree_root
from haechi.evidence.note import verify
from haechi.evidence.signer import FileSigner, make_key, open_key
from haechi.evidence.vkey import COSIGNATURE, Vkey
from haechi.evidence.witness.client import Answer, newest, submit
from haechi.evidence.witness.memory import Memory
from haechi.evidence.witness.request import MAX_BODY, AddCheckpoint
from haechi.evidence.witness.server import WitnessServer, alone
from haechi.evidence.witness.witness import Witness
from haechi.model.errors import EvidenceError
from haechi.model.settings import WitnessSettings

ORIGIN = "example.org/log"
HASHES = [leaf_hash(bytes([n])) for n in range(200)]
OTHERS = [*HASHES[:7], *(leaf_hash(b"forged" + bytes([n])) for n in range(193))]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileSigner:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    return make_key(tmp_path / "log.key", ORIGIN)


@pytest.fixture
def two(log: FileSigner, tmp_path: Path) -> Iterator[list[WitnessSettings]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running(tmp_path / name, name, log.key)) for name in ("w1", "w2")]


@contextmanager
def running(folder: Path, name: str, *logs: Vkey) -> Iterator[WitnessSettings]:
    """A witness served from a thread of this process."""
    signer = make_key(folder / "w.key", name, COSIGNATURE)
    Memory.make(folder / "memory")
    made = WitnessServer(Witness(signer, logs, Memory(folder / "memory", signer.key)), "127.0.0.1", 0)
    with serving(made):
        yield WitnessSettings(f"http://127.0.0.1:{made.server_port}", signer.vkey)


@contextmanager
def serving(made: HTTPServer) -> Iterator[None]:
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


def head(log: FileSigner, size: int, hashes: list[bytes] = HASHES) -> Checkpoint:
    bare = Checkpoint(ORIGIN, size, tree_root(hashes[:size]))
    return replace(bare, signatures=(log.sign(bare.body),))


def proofs(size: int, hashes: list[bytes] = HASHES) -> Callable[[int], list[bytes]]:
    return lambda old: consistency_proof(hashes[:size], old)


def states(answers: list[Answer]) -> list[str]:
    return [answer.state for answer in answers]


def test_all_witnesses_sign(log: FileSigner, two: list[WitnessSettings]) -> None:
    for size in (3, 3, 16):
        point = head(log, size)
        answers = submit(point, proofs(size), two)
        assert states(answers) == ["signed", "signed"]
        for answer, witness in zip(answers, two, strict=True):
            signed = verify(point.body, [answer.line], Vkey.parse(witness.key))
            assert signed and signed.time == answer.time and abs(answer.time - time.time()) < 60
    for witness in two:
        point = newest(witness, ORIGIN)
        assert point is not None and point.body == head(log, 16).body
    assert newest(two[0], "example.org/unknown") is None


def test_a_wrong_guess_of_the_size_does_no_harm(log: FileSigner, two: list[WitnessSettings]) -> None:
    known = {two[0].key: 2, two[1].key: 999}
    assert states(submit(head(log, 3), proofs(3), two, known)) == ["signed", "signed"]
    assert states(submit(head(log, 9), proofs(9), two, {two[0].key: 3})) == ["signed", "signed"]


def test_a_fork_is_refused_by_both(
    log: FileSigner, two: list[WitnessSettings], capfd: pytest.CaptureFixture[str]
) -> None:
    submit(head(log, 12), proofs(12), two)
    for size in (12, 16):
        answers = submit(head(log, size, OTHERS), proofs(size, OTHERS), two)
        assert states(answers) == ["refused", "refused"]
        assert all("fork" in answer.problem for answer in answers)
    assert "16 entries: REFUSED, a fork" in capfd.readouterr().err
    assert states(submit(head(log, 16), proofs(16), two)) == ["signed", "signed"]


def test_a_rollback_is_refused_by_both(log: FileSigner, two: list[WitnessSettings]) -> None:
    submit(head(log, 12), proofs(12), two)
    answers = submit(head(log, 9), proofs(9), two)
    assert states(answers) == ["refused", "refused"]
    assert all("later head" in answer.problem and "12" in answer.problem for answer in answers)


def test_one_that_fails_stops_no_other(log: FileSigner, two: list[WitnessSettings], tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers
        dead = WitnessSettings(f"http://127.0.0.1:{closed.getsockname()[1]}", two[0].key)
        odd = [
            dead,
            WitnessSettings("gopher://127.0.0.1", two[0].key),
            WitnessSettings("http://[", two[0].key),
            WitnessSettings(two[0].url, "rubbish"),
            WitnessSettings(two[0].url, log.vkey),
        ]
        answers = submit(head(log, 3), proofs(3), [*odd, *two])
    assert states(answers) == ["failed"] * 5 + ["signed"] * 2
    assert all(answer.problem for answer in answers[:5])


def test_a_key_that_is_not_the_witnesss(log: FileSigner, two: list[WitnessSettings], tmp_path: Path) -> None:
    other = make_key(tmp_path / "other.key", "w1", COSIGNATURE)
    answers = submit(head(log, 3), proofs(3), [WitnessSettings(two[0].url, other.vkey)])
    assert states(answers) == ["failed"] and "no signature of its key" in answers[0].problem
    with pytest.raises(EvidenceError, match="lacks its own cosignature"):
        newest(WitnessSettings(two[0].url, other.vkey), ORIGIN)


def test_a_witness_that_does_not_know_the_log(log: FileSigner, tmp_path: Path) -> None:
    other = make_key(tmp_path / "other.key", ORIGIN)
    with running(tmp_path / "a", "a", other.key) as wrong_key, running(tmp_path / "b", "b") as no_log:
        answers = submit(head(log, 3), proofs(3), [wrong_key, no_log])
    assert states(answers) == ["refused", "refused"]
    assert (
        "does not know the key" in answers[0].problem and "does not sign for this log" in answers[1].problem
    )


class Odd(BaseHTTPRequestHandler):
    """A server that answers what `answer` says."""

    answer: tuple[int, str, bytes] = (500, "text/plain", b"")
    slow = 0.0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, body = self.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        for byte in body if self.slow else b"":
            self.wfile.write(bytes([byte]))
            time.sleep(self.slow)
        if not self.slow:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@contextmanager
def answering(status: int, kind: str, body: bytes, slow: float = 0.0) -> Iterator[str]:
    made = HTTPServer(("127.0.0.1", 0), type("Made", (Odd,), {"answer": (status, kind, body), "slow": slow}))
    with serving(made):
        yield f"http://127.0.0.1:{made.server_port}"


@pytest.mark.parametrize(
    ("status", "kind", "body", "state"),
    [
        (500, "text/plain", b"out of order", "failed"),
        (503, "text/html", b"<html>", "failed"),
        (302, "text/plain", b"", "failed"),
        (400, "text/plain", b"no", "refused"),
        (200, "text/plain", b"", "failed"),
        (200, "text/plain", b"\xff\xfe\x00", "failed"),
        (200, "text/plain", "\u2014 witness.example AAAA\n".encode(), "failed"),
        (200, "text/plain", b"x" * (MAX_BODY + 1), "failed"),
        (409, "text/x.tlog.size", b"2\n", "failed"),
        (409, "text/x.tlog.size; charset=utf-8", b"99\n", "refused"),
        (409, "text/x.tlog.size", b"-1\n", "refused"),
        (409, "text/x.tlog.size", b"9" * 50, "refused"),
        (409, "text/plain", b"2\n", "refused"),
    ],
)
def test_odd_answers(
    log: FileSigner, tmp_path: Path, status: int, kind: str, body: bytes, state: str
) -> None:
    key = make_key(tmp_path / "w.key", "witness.example", COSIGNATURE).vkey
    with answering(status, kind, body) as url:
        answers = submit(head(log, 3), proofs(3), [WitnessSettings(url, key)])
    assert states(answers) == [state] and answers[0].problem


def test_wrong_cosignatures(log: FileSigner, tmp_path: Path) -> None:
    signer = make_key(tmp_path / "w.key", "witness.example", COSIGNATURE)
    point = head(log, 3)
    for line, why in [
        (signer.sign(head(log, 4).body), "is wrong"),
        (signer.cosign(point.body, int(time.time()) + 10 * 24 * 3600), "future"),
    ]:
        with answering(200, "text/plain", f"{line}\n".encode()) as url:
            answers = submit(point, proofs(3), [WitnessSettings(url, signer.vkey)])
        assert states(answers) == ["failed"] and why in answers[0].problem


def test_a_slow_witness_is_left(log: FileSigner, tmp_path: Path) -> None:
    key = make_key(tmp_path / "w.key", "witness.example", COSIGNATURE).vkey
    with answering(200, "text/plain", b"x" * 30, slow=0.1) as dripping, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        urls = [dripping, f"http://127.0.0.1:{silent.getsockname()[1]}"]
        begun = time.monotonic()
        answers = submit(head(log, 3), proofs(3), [WitnessSettings(url, key) for url in urls], seconds=0.5)
        assert time.monotonic() - begun < 2.5
    assert states(answers) == ["failed", "failed"]
    assert all("0.5 seconds" in answer.problem for answer in answers)


def test_what_is_no_request(log: FileSigner, two: list[WitnessSettings]) -> None:
    port = int(two[0].url.rpartition(":")[2])

    def status(method: str, path: str, body: bytes | None = None, **headers: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body, names)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status

    assert status("GET", "/") == 200
    assert status("GET", "/heads/..%2f..") == 404
    assert status("GET", "/heads/" + "0" * 64) == 404
    assert status("GET", "/add-checkpoint") == 404
    assert status("POST", "/else", b"x") == 404
    assert status("POST", "/add-checkpoint", b"x") == 400
    assert status("POST", "/add-checkpoint", b"x" * (MAX_BODY + 1)) == 413
    assert status("POST", "/add-checkpoint", Content_Length="-1") == 411
    assert status("POST", "/add-checkpoint", Content_Length="1" * 12) == 411
    assert status("DELETE", "/") == 501
    assert states(submit(head(log, 3), proofs(3), two)) == ["signed", "signed"]


def test_requests_on_one_connection(log: FileSigner, two: list[WitnessSettings]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(two[0].url.rpartition(":")[2]), timeout=5)
    connection.connect()
    used = connection.sock
    for method, path, body in [
        ("GET", "/", None),
        ("POST", "/add-checkpoint", AddCheckpoint(0, (), head(log, 3)).body()),
        ("POST", "/add-checkpoint", AddCheckpoint(3, (), head(log, 3)).body()),
    ]:
        connection.request(method, path, body)
        answer = connection.getresponse()
        assert answer.status == 200 and answer.read()
    assert connection.sock is used
    connection.close()


@pytest.mark.parametrize(
    "first",
    [
        "POST /wrong HTTP/1.1\r\nContent-Length: {}",
        "GET / HTTP/1.1\r\nContent-Length: {}",
        "GET / HTTP/1.1\r\nTransfer-Encoding: chunked",
        "POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked",
    ],
)
def test_a_body_is_never_read_as_a_request(two: list[WitnessSettings], first: str) -> None:
    hidden = "GET / HTTP/1.1\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(two[0].url.rpartition(":")[2])), timeout=5) as raw:
        raw.sendall(f"{first.format(len(hidden))}\r\n\r\n{hidden}".encode())
        answers = b""
        with suppress(ConnectionResetError):
            while part := raw.recv(4096):
                answers += part
    assert answers.count(b"HTTP/1.1 ") <= 1 and b"200 OK" not in answers


def test_slow_connections_do_not_keep_others_out(
    log: FileSigner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 3)
    monkeypatch.setattr(connections, "LIFE", 0.5)
    with running(tmp_path / "w", "w", log.key) as witness:
        port = int(witness.url.rpartition(":")[2])
        with ExitStack() as stack:
            for _ in range(3):
                slow = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                slow.send(b"POST /add-checkpoint HTTP/1.1\r\n")
            deadline = time.monotonic() + 10
            while states(answers := submit(head(log, 3), proofs(3), [witness])) != ["signed"]:
                assert "503" in answers[0].problem or "broke off" in answers[0].problem
                assert time.monotonic() < deadline
                time.sleep(0.05)


def test_one_process_serves_a_witness(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(EvidenceError, match="another process"), alone(tmp_path):
        pytest.fail("two at once")
    with alone(tmp_path):
        pass


SERVE = """
import os, signal, sys
from pathlib import Path
from haechi.evidence.signer import open_key
from haechi.evidence.vkey import Vkey
from haechi.evidence.witness.memory import Memory
from haechi.evidence.witness.server import WitnessServer, alone
from haechi.evidence.witness.witness import Witness

folder, log, die = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
keep = Memory.keep

def dying(memory, point):
    if die == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    keep(memory, point)
    if die == "after":
        os.kill(os.getpid(), signal.SIGKILL)

Memory.keep = dying
signer = open_key(folder / "w.key")
memory = Memory(folder / "memory", signer.key)
with alone(folder / "memory"):
    made = WitnessServer(Witness(signer, [Vkey.parse(log)], memory), "127.0.0.1", 0)
    print(made.server_port, flush=True)
    made.serve_forever()
"""


@contextmanager
def process(folder: Path, log: FileSigner, die: str = "") -> Iterator[tuple[WitnessSettings, int]]:
    """A witness in a process of its own: how to ask it, and its process id."""
    command = [sys.executable, "-c", SERVE, str(folder), log.vkey, die]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdout is not None
        try:
            port = int(child.stdout.readline())
            yield WitnessSettings(f"http://127.0.0.1:{port}", open_key(folder / "w.key").vkey), child.pid
        finally:
            child.kill()


@pytest.fixture
def mortal(tmp_path: Path) -> Path:
    folder = tmp_path / "mortal"
    make_key(folder / "w.key", "mortal.example", COSIGNATURE)
    Memory.make(folder / "memory")
    return folder


def test_killed_between_memory_and_answer_it_signs_no_other(log: FileSigner, mortal: Path) -> None:
    with process(mortal, log, die="after") as (witness, _):
        assert states(submit(head(log, 12), proofs(12), [witness])) == ["failed"]
    with process(mortal, log) as (witness, _):
        assert states(submit(head(log, 12, OTHERS), proofs(12, OTHERS), [witness])) == ["refused"]
        assert states(submit(head(log, 12), proofs(12), [witness])) == ["signed"]


def test_killed_before_it_remembered_nobody_saw_a_signature(log: FileSigner, mortal: Path) -> None:
    with process(mortal, log, die="before") as (witness, _):
        assert states(submit(head(log, 12), proofs(12), [witness])) == ["failed"]
    assert Memory(mortal / "memory", open_key(mortal / "w.key").key).head(ORIGIN) is None
    with process(mortal, log) as (witness, _):
        assert states(submit(head(log, 12), proofs(12), [witness])) == ["signed"]


def test_killed_anywhere_it_never_signs_two_histories(log: FileSigner, mortal: Path) -> None:
    """Both histories are offered in turn while the witness is killed at random: only one ever gets signatures."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    histories, signed, size = {"honest": HASHES, "forged": OTHERS}, {}, 8
    for _ in range(6):
        with process(mortal, log) as (witness, pid):
            killer = threading.Timer(chance.uniform(0.01, 0.25), os.kill, (pid, signal.SIGKILL))
            killer.start()
            while True:
                name = chance.choice(list(histories))
                hashes = histories[name]
                (answer,) = submit(head(log, size, hashes), proofs(size, hashes), [witness], seconds=2)
                if answer.state == "failed":
                    break
                if answer.state == "signed":
                    signed.setdefault(size, set()).add(name)
                    size = min(size + chance.randrange(2), len(HASHES))
            killer.join()
    histories_signed = set().union(*signed.values()) if signed else set()
    assert len(histories_signed) <= 1, f"seed {seed}: {signed}"
    with process(mortal, log) as (witness, _):
        point = newest(witness, ORIGIN)
        assert point is None or point.size >= max(signed, default=0), f"seed {seed}"
