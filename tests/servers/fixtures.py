"""The servers as pytest fixtures, one of each for a module's tests; skipped visibly where a program is missing.

Import those that a test module uses: `from tests.servers.fixtures import openbao  # noqa: F401`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from tests.servers import aws as _aws
from tests.servers import oidc as _oidc
from tests.servers import openbao as _openbao
from tests.servers import postgres as _postgres
from tests.servers import scim as _scim
from tests.servers import slapd as _slapd
from tests.servers import sshd as _sshd
from tests.servers.process import NotInstalled

T = TypeVar("T")


@contextmanager
def or_skip(server: AbstractContextManager[T]) -> Iterator[T]:
    """Start a server; where it is not installed, the test is skipped with what to install, or fails in CI."""
    try:
        made = server.__enter__()
    except NotInstalled as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    try:
        yield made
    finally:
        server.__exit__(None, None, None)


@pytest.fixture(scope="module")
def openbao(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_openbao.OpenBao]:
    with or_skip(_openbao.running(tmp_path_factory.mktemp("openbao"))) as made:
        yield made


@pytest.fixture(scope="module")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_postgres.Postgres]:
    with or_skip(_postgres.running(tmp_path_factory.mktemp("postgres"))) as made:
        yield made


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_slapd.Slapd]:
    with or_skip(_slapd.running(tmp_path_factory.mktemp("slapd"))) as made:
        yield made


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_sshd.Sshd]:
    with or_skip(_sshd.running(tmp_path_factory.mktemp("sshd"))) as made:
        yield made


@pytest.fixture(scope="module")
def scim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_scim.Scim]:
    with or_skip(_scim.running(tmp_path_factory.mktemp("scim"))) as made:
        yield made


@pytest.fixture(scope="module")
def oidc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_oidc.Oidc]:
    with or_skip(_oidc.running(tmp_path_factory.mktemp("oidc"))) as made:
        yield made


@pytest.fixture
def aws(tmp_path: Path) -> Iterator[_aws.Aws]:
    with _aws.running(tmp_path) as made:
        yield made
