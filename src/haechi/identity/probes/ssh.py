"""Does an SSH server accept a public key? Only the public half is needed, and nobody is logged in.

A client may ask whether a key would do before it signs with it (RFC 4252, section 7: SSH_MSG_USERAUTH_PK_OK). We
ask and never sign. Some servers say yes to any key: a fresh key that nobody has must be refused. What `from=` in the
authorized keys allows is told for the machine that asks; expiry by the account's own database is looked at later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from haechi.identity.interface import Answer, Asking
from haechi.identity.probes.common import Said, compare, needed, unknown
from haechi.model.errors import IdentityError
from haechi.model.settings import ProbeSettings, SystemSettings

if TYPE_CHECKING:
    import asyncssh

SYSTEM_OPTIONS: Final = frozenset({"host-key"})


@dataclass(frozen=True)
class Ssh:
    """target: an account. option `key`: its public key, as a line "ssh-ed25519 AAAA..." or a file that holds it.

    control: a public key that is accepted, written alike; option `control-account` where it is another account's.
    The system's url is ssh://HOST:PORT, its option `host-key` the public key, written alike, that the server shows.
    """

    kind: str = "ssh-key"
    systems: frozenset[str] = frozenset({"ssh"})
    options: frozenset[str] = frozenset({"key", "control-account"})
    # One key's way in, as a session is one: that it is refused says nothing of the account and of its other keys.
    about: Literal["account", "session", "secret"] = "session"

    def ask(self, probe: ProbeSettings, system: SystemSettings, asking: Asking) -> Answer:
        key, host_key = probe.options.get("key", ""), system.options.get("host-key", "")
        needed(probe, target=probe.target, key=key, control=probe.control, **{"host-key": host_key})
        # Loaded when a server is asked: it takes longer than all else that a short command does.
        from haechi.identity.probes.ssh_offer import Server, fresh_key, public_key

        server = Server(system, asking, public_key(host_key, asking.folder))
        other = probe.options.get("control-account", probe.target)
        known, asked = public_key(probe.control, asking.folder), public_key(key, asking.folder)

        def offer(account: str, public: asyncssh.SSHKey) -> Said:
            accepted = server.accepts(account, public)
            words = f"key {public.get_fingerprint()} of account {account} is"
            if accepted:
                return Said("alive", f"{words} accepted by {system.name}")
            return Said("dead", f"{words} refused by {system.name}, asked from here")

        try:
            if server.accepts(other, fresh_key()):
                return unknown(f"{system.name} says yes to any key")
        except IdentityError as error:
            return unknown(f"{error.what} ({error.where})")
        return compare(lambda: offer(other, known), lambda: offer(probe.target, asked))


SSH: Final = Ssh()
