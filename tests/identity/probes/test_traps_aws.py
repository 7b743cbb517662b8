"""AWS: keys switched off, keys deleted, users deleted; asked of a faithful fake."""

from __future__ import annotations

import pytest
from tests.identity.probes.asking import Folder
from tests.identity.probes.web_server import Reply, listening
from tests.servers.aws import Aws, Key
from tests.servers.fixtures import aws  # noqa: F401

from haechi.identity.ask import Result
from haechi.model.settings import ProbeSettings, SystemSettings


def written(key: Key) -> str:
    return f"{key.id}:{key.secret}"


def ask(folder: Folder, url: str, own: Key, kind: str, target: str, **more: str) -> Result:
    credential = more.pop("credential", "")
    system = SystemSettings("cloud", "aws", url, folder.secret("own", written(own)))
    options = {name.replace("_", "-"): value for name, value in more.items()}
    return folder.ask(ProbeSettings("p", "cloud", kind, target, credential, options=options), system)


@pytest.fixture
def own(aws: Aws) -> Key:  # noqa: F811
    aws.user("monitor")
    aws.user("kim")
    return aws.key("monitor")


def test_what_iam_lists(folder: Folder, aws: Aws, own: Key) -> None:  # noqa: F811
    keys = [aws.key("kim") for _ in range(5)]  # more than one page
    assert ask(folder, aws.url, own, "aws-key", keys[4].id).state == "alive"
    keys[4].status = "Inactive"
    for more in ({}, {"user": "kim"}):
        off = ask(folder, aws.url, own, "aws-key", keys[4].id, **more)
        assert (off.state, off.control) == ("dead", "alive")
    aws.users["kim"].keys.remove(keys[4])
    assert ask(folder, aws.url, own, "aws-key", keys[4].id, user="kim").state == "dead"
    assert ask(folder, aws.url, own, "aws-key", keys[4].id).state == "unknown"  # nobody tells whose it was
    del aws.users["kim"]
    assert ask(folder, aws.url, own, "aws-key", keys[0].id, user="kim").state == "unknown"  # or misspelt
    assert set(aws.asked) == {"ListAccessKeys", "GetAccessKeyLastUsed"}


def test_the_key_itself_is_tried(folder: Folder, aws: Aws, own: Key) -> None:  # noqa: F811
    key = aws.key("kim")
    old = folder.secret("old", written(key))
    assert ask(folder, aws.url, own, "aws-caller", key.id, credential=old).state == "alive"
    key.status = "Inactive"
    off = ask(folder, aws.url, own, "aws-caller", key.id, credential=old)
    assert (off.state, off.control) == ("dead", "alive")
    own.status = "Inactive"
    assert ask(folder, aws.url, own, "aws-caller", key.id, credential=old).state == "unknown"
    assert key.secret not in off.evidence


def test_a_wrong_secret_says_nothing_of_the_key(folder: Folder, aws: Aws, own: Key) -> None:  # noqa: F811
    key = aws.key("kim")
    wrong = folder.secret("wrong", f"{key.id}:another-secret")
    assert ask(folder, aws.url, own, "aws-caller", key.id, credential=wrong).state == "unknown"


@pytest.mark.parametrize(
    "body",
    [b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", b"not xml", b"<x/>", b"<IsTruncated>true</IsTruncated>"],
)
def test_what_is_not_an_answer_of_aws(folder: Folder, body: bytes) -> None:
    with listening(lambda asked: Reply(200, body)) as server:
        key = Key("AKIAOWN", "secret-of-ours")
        assert (
            ask(folder, server.url, key, "aws-key", "AKIAOLD", user="kim", control_user="m").state
            == "unknown"
        )
