"""A developer leaves with the signing key, on real servers that this demo starts, uses and stops. `make demo-leaver`.

The same story as tests/story/test_leaver_story.py, told to somebody who watches.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from tests.servers.process import NotInstalled
from tests.story.company import MEMBERS, THIEF, Company, company

WIDTH = 100
BOLD, DIM, PLAIN = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if sys.stdout.isatty() else ("", "", "")
STARTED = time.monotonic()


def act(title: str, text: str) -> None:
    """A heading, and what happens now."""
    print(f"\n{BOLD}== {title} {'=' * (WIDTH - len(title) - 4)}{PLAIN}\n")
    say(text)


def say(text: str) -> None:
    for paragraph in textwrap.dedent(text).strip().split("\n\n"):
        print(
            textwrap.fill(" ".join(paragraph.split()), WIDTH, break_long_words=False), end="\n\n", flush=True
        )


def haechi(shop: Company, *words: str | Path, until: str = "") -> int:
    """Run a verb and show what it says, up to a line that begins with `until`; its exit code."""
    told = [str(word) for word in words]
    print(f"{DIM}$ haechi {' '.join(told)}{PLAIN}", flush=True)
    command = [sys.executable, "-m", "haechi.cli.start", *told]
    if told[0] != "verify":
        command += ["--workspace", str(shop.workspace)]
    env = {**os.environ, "COLUMNS": str(WIDTH)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=env, timeout=300)
    for line in done.stdout.splitlines():
        if until and line.startswith(until):
            break
        print(f"  {line}".rstrip())
    print(flush=True)
    return done.returncode


def must(what: bool, why: str) -> None:
    """End the demo if the story did not go as told."""
    if not what:
        sys.exit(f"The story did not go as told: {why}")


def audit_entry(shop: Company) -> str:
    """The entry that says who exported the key, without what it says in HMACs."""
    entry = shop.export_entry()
    asked, who = entry["request"], entry["auth"]["display_name"]
    return f"{entry['time'][:19]}Z  {who}  {asked['operation']} {asked['path']}  {asked['id']}"


def play(shop: Company) -> None:
    """The story, from the first customer to the auditor's pack."""
    act(
        "A shop at work",
        f"""
        Running on this machine, for this demo only: OpenBao (the vault), an OpenID provider (log-in), nginx (its
        keys' cache), PostgreSQL, slapd, sshd, a SCIM directory, a small AWS, and a gateway that believes every token
        with a good signature. Everything is kept in {shop.folder}.

        Customers log in and look at their own pages. kim and lee develop the log-in.""",
    )
    shop.trade()

    act(
        "kim exports the signing key",
        "The work on the log-in sometimes needs it. The vault's audit log says so:",
    )
    shop.read_key()
    print(f"  {audit_entry(shop)}\n")
    haechi(shop, "leaver", "gather", until="What was read")

    act(
        "kim leaves, and everything with kim's name on it is shut",
        """
        HR's list and the staff directory say that kim has left. The directory entry is locked, the database role is
        NOLOGIN, the SSH key is gone, the users in the cloud and the vault are deleted, the refresh token revoked.
        A ticket system would call this done.""",
    )
    shop.leave()
    shop.lock()
    shop.good_token()
    haechi(shop, "probe", "run", "--pause", "0")
    haechi(shop, "leaver", "gather", until="What was read")
    code = haechi(shop, "leaver", "check", "E1")
    must(code == 1, "something of kim's must still be alive")

    act("Somebody forges tokens", f"From {THIEF}, for {MEMBERS} members that nobody ever logged in as.")
    let_in = shop.forge()
    shop.trade()
    say(f"The gateway let {let_in} of {MEMBERS} in: their signatures are good.")
    must(let_in == MEMBERS, "the forged tokens must pass")

    act("Haechi inspects the logs", "The issuer never made these tokens, and kim is among those who could.")
    must(haechi(shop, "inspect", until="What cannot be known") == 1, "the forgery must be found")

    act(
        "The key is rotated",
        """
        First, obituary tokens: good for nothing, and made with the old key while it still signs. The gateway must
        let one in now, and refuse it ever after.""",
    )
    haechi(shop, *obituary(shop))
    say(
        "Now a new version of the key signs, the old one is withdrawn, and kim's open database session is ended."
    )
    shop.rotate()
    shop.end_sessions()
    shop.forget_cache()
    shop.good_token()
    must(haechi(shop, "probe", "run", "--pause", "0") == 0, "everything must be dead")
    haechi(shop, "leaver", "gather", until="What was read")

    act(
        "All dead, and an auditor can check it",
        "The pack is verified offline, with nothing but itself and the log's public key.",
    )
    pack = shop.folder / "kim.zip"
    must(haechi(shop, "leaver", "check", "E1", "--pack", pack) == 0, "everything must be dead")
    must(haechi(shop, "verify", pack, "--key", shop.public_key) == 0, "the pack must verify")


def obituary(shop: Company) -> list[str | Path]:
    """The command that mints the obituary token with the key as the log-in service has it."""
    return [
        "token",
        "obituary",
        "--issuer",
        shop.issuer.url,
        "--kid",
        "login-1",
        "--signing-key",
        shop.key_file(),
    ]


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="haechi-"))
    say("Starting the servers")
    try:
        with company(folder) as shop:
            play(shop)
    except NotInstalled as error:
        shutil.rmtree(folder)
        sys.exit(f"The demo needs a server that is not here: {error}")
    print(f"All servers are stopped. It took {time.monotonic() - STARTED:.0f} seconds. Logs are in {folder}.")


if __name__ == "__main__":
    main()
