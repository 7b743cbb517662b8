"""Offering a public key to an SSH server without ever signing with it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import asyncssh
from asyncssh.public_key import SSHKeyPair

from haechi.evidence import bounded
from haechi.identity.interface import Asking
from haechi.model.errors import IdentityError
from haechi.model.settings import SystemSettings

_MOST: Final = 65_536  # bytes of a public key's file


class _PublicHalf(SSHKeyPair):
    """A key pair without its private half: asked to sign, it notes that the server would accept, and does not."""

    def __init__(self, key: asyncssh.SSHKey) -> None:
        super().__init__(
            key.algorithm, key.algorithm, key.sig_algorithms, key.sig_algorithms, key.public_data, None
        )
        self.accepted = False

    async def sign_async(self, data: bytes) -> bytes:
        return self.sign(data)

    def sign(self, data: bytes) -> bytes:
        self.accepted = True
        raise ValueError("there is no private half")


@dataclass
class _Client(asyncssh.SSHClient):
    """Offers one key, once."""

    pair: _PublicHalf
    offered: bool = field(default=False)

    def public_key_auth_requested(self) -> Any:
        if self.offered:
            return None
        self.offered = True
        return self.pair


@dataclass(frozen=True)
class Server:
    system: SystemSettings
    asking: Asking
    host_key: asyncssh.SSHKey

    def accepts(self, account: str, key: asyncssh.SSHKey) -> bool:
        """Whether the server would accept the key. Raises `IdentityError`: it did not answer, or is another."""
        client = _Client(_PublicHalf(key))
        pair = client.pair
        parts = urlsplit(self.system.url)
        if parts.scheme != "ssh" or not parts.hostname or parts.password:
            raise IdentityError(f"the address of {self.system.name} is not ssh://HOST:PORT")
        self.asking.turn()
        try:
            asyncio.run(self._connect(unquote(parts.hostname), parts.port or 22, account, client))
        except asyncssh.PermissionDenied:
            if not client.offered:
                raise IdentityError(
                    f"{self.system.name} takes no public keys", where=self.system.url
                ) from None
            return pair.accepted
        except (asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed):
            raise IdentityError(
                f"{self.system.name} shows another host key than configured", where=self.system.url
            ) from None
        except (OSError, asyncssh.Error, TimeoutError) as error:
            if pair.accepted:
                return True
            raise IdentityError(
                f"{self.system.name} gave no answer ({type(error).__name__})", where=self.system.url
            ) from None
        # Let in without a signature: the account asks for nothing at all.
        return True

    async def _connect(self, host: str, port: int, account: str, client: _Client) -> None:
        known: Any = ([self.host_key], [], [])
        async with asyncio.timeout(self.asking.wait):
            connection, _ = await asyncssh.create_connection(
                lambda: client, host, port, username=account, known_hosts=known, config=[], agent_path=None,
                client_keys=None, preferred_auth=["publickey"], connect_timeout=self.asking.wait,
                server_host_key_algs="default",
            )  # fmt: skip
            connection.abort()


def public_key(text: str, folder: Path) -> asyncssh.SSHKey:
    """A public key, given as a line or as a file that holds one. Raises `IdentityError`."""
    try:
        is_line = re.match(r"(ssh|ecdsa|sk)-\S+ ", text) is not None
        line = text.encode() if is_line else bounded.read(folder / text, _MOST)
        return asyncssh.import_public_key(line)
    except OSError as error:
        raise IdentityError(
            f"a public key cannot be read: {error.strerror}", where=str(folder / text)
        ) from None
    except (asyncssh.KeyImportError, ValueError):
        raise IdentityError("what shall be a public key is none") from None


def fresh_key() -> asyncssh.SSHKey:
    """A public key whose private half nobody has."""
    return asyncssh.generate_private_key("ssh-ed25519").convert_to_public()
