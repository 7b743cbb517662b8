"""Each server starts, does what tests ask of it, and is gone afterwards."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from botocore.exceptions import ClientError
from tests.servers import gateway, nginx, process
from tests.servers.aws import Aws, Key
from tests.servers.fixtures import aws, oidc, openbao, or_skip, postgresql, scim, slapd, sshd  # noqa: F401
from tests.servers.oidc import Oidc, signing_key
from tests.servers.openbao import OpenBao
from tests.servers.postgres import Postgres
from tests.servers.scim import Scim
from tests.servers.slapd import Slapd
from tests.servers.sshd import Sshd


def test_openbao_writes_its_audit_log(openbao: OpenBao) -> None:  # noqa: F811
    openbao.call("POST", "transit/keys/login", {"type": "ecdsa-p256", "exportable": True})
    openbao.policy("dev", 'path "transit/export/signing-key/login" { capabilities = ["read"] }')
    openbao.user("kim", "not-a-secret", "dev")
    token = openbao.login("kim", "not-a-secret")["client_token"]
    exported = openbao.call("GET", "transit/export/signing-key/login", token=token)
    assert "PRIVATE KEY" in exported["data"]["keys"]["1"]
    with pytest.raises(httpx.HTTPStatusError):
        openbao.call("GET", "transit/keys/login", token=token)
    assert "transit/export/signing-key/login" in openbao.audit.read_text()


def test_postgres_checks_passwords(postgresql: Postgres) -> None:  # noqa: F811
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute("CREATE ROLE kim LOGIN PASSWORD 'not-a-secret'")
    psycopg.connect(postgresql.address("kim", "not-a-secret")).close()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgresql.address("kim", "wrong"))


def test_slapd_locks_people_out(slapd: Slapd) -> None:  # noqa: F811
    slapd.person("kim", "not-a-secret")
    whoami = ["ldapwhoami", "-x", "-H", slapd.url, "-D", slapd.dn("kim"), "-w", "not-a-secret"]
    subprocess.run(whoami, check=True, capture_output=True)
    slapd.lock("kim")
    assert subprocess.run(whoami, capture_output=True).returncode == 49
    search = ["ldapsearch", "-x", "-LLL", "-H", slapd.url, "-D", slapd.admin, "-w", slapd.password]
    log = subprocess.run([*search, "-b", "cn=accesslog"], check=True, capture_output=True).stdout.decode()
    assert "pwdAccountLockedTime" in log


def test_sshd_lets_allowed_keys_in(sshd: Sshd) -> None:  # noqa: F811
    allowed, other = sshd.key("kim"), sshd.key("lee", allow=False)
    command = ["ssh", "-F", "none", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o",
               "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes", "-p", str(sshd.port)]  # fmt: skip

    def enters(key: Path) -> bool:
        asked = [*command, "-i", str(key), f"{sshd.user}@127.0.0.1", "true"]
        return subprocess.run(asked, capture_output=True, timeout=60).returncode == 0

    assert enters(allowed)
    assert not enters(other)
    sshd.forget("kim")
    assert not enters(allowed)


def test_scim_switches_people_off(scim: Scim) -> None:  # noqa: F811
    user = scim.user("kim", external="E1")
    scim.active(user, False)
    assert scim.call("GET", f"Users/{user}")["active"] is False
    assert httpx.get(f"{scim.url}/Users", trust_env=False).status_code == 401


def test_nginx_answers_for_a_server_that_is_gone(scim: Scim, tmp_path: Path) -> None:  # noqa: F811
    upstream = scim.url.removesuffix("/v2")
    headers = {"Authorization": f"Bearer {scim.token}"}
    with or_skip(nginx.running(tmp_path, upstream)) as cache:
        address = f"{cache.url}/v2/Schemas"
        answers = [httpx.get(address, headers=headers, trust_env=False) for _ in range(2)]
    assert [answer.headers["X-Cache-Status"] for answer in answers] == ["MISS", "HIT"]
    assert len(cache.access_log.read_text().splitlines()) == 2


def test_a_server_that_fails_says_why(tmp_path: Path) -> None:
    command = ["sh", "-c", "echo no such thing >&2; exit 3"]
    with (
        pytest.raises(RuntimeError, match=r"ended with 3:\nno such thing"),
        process.process(tmp_path, "x", command, lambda: False),
    ):
        pass


def test_a_stopped_server_listens_no_more(tmp_path: Path) -> None:
    port = process.free_port()
    command = ["python3", "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    with process.process(tmp_path, "http", command, lambda: process.listens(port)) as running:
        assert running.poll() is None
    assert running.poll() is not None
    assert not process.listens(port)


def test_refresh_outlives_a_disabled_account(oidc: Oidc) -> None:  # noqa: F811
    tokens = oidc.login("kim")
    oidc.disable("kim")
    assert oidc.introspect(tokens.refresh)["active"] is True
    assert oidc.introspect(tokens.refresh, "stranger") == {"active": False}  # it may not ask
    assert oidc.refresh(tokens.refresh).status_code == 200
    oidc.careful()
    assert oidc.refresh(tokens.refresh).status_code == 400
    oidc.revoke(tokens.refresh)
    assert oidc.introspect(tokens.refresh)["active"] is False


def test_issuance_log_has_no_holes(oidc: Oidc) -> None:  # noqa: F811
    tokens = oidc.login("lee")
    oidc.refresh(tokens.refresh)
    lines = [json.loads(line) for line in oidc.issuance.read_text().splitlines()]
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert hashlib.sha256(tokens.access.encode()).hexdigest() in {line["token_sha256"] for line in lines}
    assert lines[-1]["sub"] == "lee" and lines[-1]["event"] == "access_token.issued"


def test_gateway_believes_signatures(oidc: Oidc, tmp_path: Path) -> None:  # noqa: F811
    old, new = signing_key("old"), signing_key("new")
    oidc.keys([old])
    token = oidc.login("kim").access
    with (
        gateway.running(tmp_path / "now", oidc.jwks) as gate,
        gateway.running(tmp_path / "cached", oidc.jwks, 3600) as cached,
    ):
        assert (gate.get("/ping", token), cached.get("/ping", token)) == (200, 200)
        assert gate.get("/ping", token[:-4] + "AAAA") == 401
        oidc.keys([new])
        assert (gate.get("/ping", token), cached.get("/ping", token)) == (401, 200)
        assert gate.get("/members/7", oidc.login("kim").access) == 200
    lines = [json.loads(line) for line in gate.access_log.read_text().splitlines()]
    assert [line["seq"] for line in lines] == [1, 2, 3, 4]
    assert lines[-1]["jwt_header_kid"] == "new" and lines[-1]["status"] == 200


def test_aws_refuses_inactive_keys(aws: Aws) -> None:  # noqa: F811
    boto3 = pytest.importorskip("boto3")
    for name in ("kim", "lee", "park"):
        aws.user(name)
    key = aws.key("kim")

    def client(service: str, key: Key) -> Any:
        return boto3.client(service, region_name="us-east-1", endpoint_url=aws.url,
                            aws_access_key_id=key.id, aws_secret_access_key=key.secret)  # fmt: skip

    pages = client("iam", aws.users["admin"].keys[0]).get_paginator("list_users").paginate()
    assert [user["UserName"] for page in pages for user in page["Users"]] == ["admin", "kim", "lee", "park"]
    assert client("sts", key).get_caller_identity()["Arn"].endswith("user/kim")
    key.status = "Inactive"
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client("sts", key).get_caller_identity()
    wrong = Key(aws.users["admin"].keys[0].id, "wrong")
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client("iam", wrong).list_users()
