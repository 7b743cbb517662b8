"""OpenBao and HashiCorp Vault: who can log in, with which policies, which tokens live, who may read which secret.

What an exposure rests on here is what the policies allow now. What was really read, and when, the audit log tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from haechi.identity.interface import Asking, Fact
from haechi.identity.sources import openbao_policy as policy
from haechi.identity.sources.making import Maker, utc
from haechi.identity.sources.openbao_api import Bao, Entity, Group, Mount, Policy, Role, RoleId, Token, below
from haechi.identity.sources.openbao_secrets import Version, versions
from haechi.model.settings import SystemSettings

_DEFAULT: Final = "default"


@dataclass(frozen=True)
class _Account:
    """Somebody who can log in, or holds a token. `where`: the way in, with the name there."""

    name: str
    where: str
    policies: frozenset[str]
    entity: Entity | None = None
    alive: bool = True
    token: Token | None = None


class OpenBao:
    """Asks with a token that may list and read policies, identities, ways to log in, and the names of secrets."""

    kind = "openbao"
    options = frozenset({"mounts", "namespace", "person", "plain"})

    def gather(self, system: SystemSettings, asking: Asking) -> Iterator[Fact]:
        """Accounts, policies as grants, tokens and secret ids as sessions, secrets, and who may read them.

        Raises:
            IdentityError: no usable answer, or something may not be listed.
        """
        make, bao = Maker(system, asking), Bao(system, asking)
        mounts = _chosen(system, make, bao.data("sys/mounts", dict[str, Mount]))
        texts = bao.all("sys/policies/acl", Policy) | {policy.ROOT: Policy("")}
        rules = {name: policy.rules(name, told.policy, asking.now) for name, told in texts.items()}
        entities = bao.all("identity/entity/id", Entity)
        groups = bao.all("identity/group/id", Group)
        accounts, secret_ids = _accounts(bao, entities, groups)
        tokens = [token for name in bao.keys("auth/token/accessors") if (token := bao.token(name))]
        holders = [_holder(token, entities) for token in tokens]
        person = _person(system, make)

        yield from _account_facts(make, accounts, person)
        yield from secret_ids(make)
        for holder in holders:
            yield _session(make, holder)
        yield from _grants(make, [*accounts, *holders], rules)
        kept = list(versions(bao, make, mounts))
        for version in kept:
            yield make(
                "secret", version.evidence, state=version.state, object=version.object, version=version.version,
                first=version.first, last=version.last, how=version.how,
            )  # fmt: skip
        yield from _exposures(make, [*accounts, *holders], rules, kept)
        yield from make.listings("OpenBao: all that it listed", "account", "grant", "session")
        if "mounts" not in system.options:
            yield from make.listings(
                "OpenBao: all secrets of its transit and key-value engines", "secret", "exposure"
            )


def _chosen(system: SystemSettings, make: Maker, mounts: Mapping[str, Mount]) -> dict[str, Mount]:
    """The engines to list: those of option `mounts`, else all."""
    names = [name.strip("/") + "/" for name in system.options.get("mounts", "").split()]
    if any(name not in mounts for name in names):
        raise make.trouble("there is no such engine as its `mounts` name", where="options")
    return {name: mount for name, mount in mounts.items() if not names or name in names}


def _accounts(
    bao: Bao, entities: Mapping[str, Entity], groups: Mapping[str, Group]
) -> tuple[list[_Account], Callable[[Maker], Iterator[Fact]]]:
    """Everybody who can log in, and the facts about secret ids of approle."""
    found: list[_Account] = []
    ids: list[tuple[str, str, str]] = []
    known = {
        (alias.mount_path, alias.name): entity
        for entity in entities.values()
        for alias in entity.aliases or []
    }
    listed = set()
    for mount, told in sorted(bao.data("sys/auth", dict[str, Mount]).items()):
        way = f"auth/{mount}"
        if told.type not in ("userpass", "approle"):
            continue
        listed.add(way)
        branch = "users" if told.type == "userpass" else "role"
        for name, role in bao.all(below(way, branch), Role).items():
            alias: str | None = name
            if told.type == "approle":
                role_id = bao.listed(below(way, "role/", name, "/role-id"), RoleId)
                alias = role_id.role_id if role_id else None
                ids += [
                    (way, name, accessor) for accessor in bao.keys(below(way, "role/", name, "/secret-id"))
                ]
            entity = known.get((way, alias)) if alias else None
            held = set(role.token_policies or []) | (
                {_DEFAULT} if not role.token_no_default_policy else set()
            )
            found.append(_account(name, way, entity, held | _of_entity(entity, groups)))
    for (way, name), entity in known.items():
        if way not in listed:  # of those that are listed, an entity outlives the account
            found.append(_account(name, way, entity, _of_entity(entity, groups) | {_DEFAULT}))

    def secret_ids(make: Maker) -> Iterator[Fact]:
        for way, name, accessor in ids:
            yield make(
                "session",
                f"{way}role/{name}/secret-id is listed",
                account=name,
                object=accessor,
                how="secret-id",
            )

    return found, secret_ids


def _account(name: str, way: str, entity: Entity | None, held: Iterable[str]) -> _Account:
    return _Account(name, way + name, frozenset(held), entity, not (entity and entity.disabled))


def _of_entity(entity: Entity | None, groups: Mapping[str, Group]) -> set[str]:
    """Policies that an entity has itself and by its groups."""
    if entity is None:
        return set()
    of_groups = (groups[name].policies or [] for name in entity.group_ids or [] if name in groups)
    return set(entity.policies or []).union(*of_groups)


def _holder(token: Token, entities: Mapping[str, Entity]) -> _Account:
    """Whose token it is: named as the audit log names them."""
    meta = token.meta or {}
    name = meta.get("username") or meta.get("role_name") or meta.get("email") or token.display_name
    entity = entities.get(token.entity_id)
    held = frozenset(token.policies or []) | frozenset(token.identity_policies or [])
    return _Account(name, token.path, held, entity, not (entity and entity.disabled), token)


def _person(system: SystemSettings, make: Maker) -> Callable[[_Account], str]:
    """How to tell the person of an account: option `person`, "account" or "metadata.KEY" of the entity."""
    told = system.options.get("person", "")
    if told in ("", "account"):
        return lambda account: account.name if told else ""
    before, _, key = told.partition(".")
    if before != "metadata" or not key:
        raise make.trouble("`person` must be account, or metadata.KEY of the entities", where="options")
    return lambda account: (account.entity.metadata or {}).get(key, "") if account.entity else ""


def _account_facts(
    make: Maker, accounts: Iterable[_Account], person: Callable[[_Account], str]
) -> Iterator[Fact]:
    for account in accounts:
        yield make(
            "account", f"{account.where}: {'it is there' if account.alive else 'its entity is disabled'}",
            state="alive" if account.alive else "dead", person=person(account), account=account.name,
            object=account.where, first=utc(account.entity.creation_time) if account.entity else None,
        )  # fmt: skip


def _session(make: Maker, holder: _Account) -> Fact:
    token = holder.token
    assert token is not None
    words = "its accessor is listed" if holder.alive else "its entity is disabled, so that it opens nothing"
    return make(
        "session", f"token of {holder.where}: {words}", state="alive" if holder.alive else "dead",
        account=holder.name, object=token.accessor, first=utc(token.issue_time), last=utc(token.expire_time),
        how="token",
    )  # fmt: skip


def _grants(
    make: Maker, accounts: Iterable[_Account], rules: Mapping[str, list[policy.Rule]]
) -> Iterator[Fact]:
    seen: set[tuple[str, str]] = set()
    for account in accounts:
        for name in sorted(account.policies - {_DEFAULT}):
            if (account.name, name) not in seen:
                seen.add((account.name, name))
                words = "" if name in rules else "; there is no such policy now"
                yield make(
                    "grant", f"held by {account.where}{words}", account=account.name, object=f"policy/{name}"
                )


def _exposures(
    make: Maker, accounts: Iterable[_Account], rules: Mapping[str, list[policy.Rule]], kept: Sequence[Version]
) -> Iterator[Fact]:
    """Which version each account may read, with the rules that allow it. A disabled entity may read nothing."""
    seen: set[tuple[str, str, str]] = set()
    known: dict[tuple[policy.Rule, ...], list[tuple[Version, str]]] = {}  # many accounts hold the same rules
    for account in accounts:
        if not account.alive:
            continue
        value = _values(account.entity)
        of_names = (rules.get(name, []) for name in sorted(account.policies))
        held = tuple(policy.filled(rule, value) for found in of_names for rule in found)
        if held not in known:
            known[held] = list(_readable(held, kept))
        for version, by in known[held]:
            key = (account.name, version.object, version.version)
            if key not in seen:
                seen.add(key)
                yield make(
                    "exposure", f"{account.where} may read it: {by}", account=account.name,
                    object=version.object, version=version.version, how="may-read",
                )  # fmt: skip


def _readable(held: Sequence[policy.Rule], kept: Iterable[Version]) -> Iterator[tuple[Version, str]]:
    for version in kept:
        if version.state == "alive":
            by = next(
                (found for path in version.paths if (found := policy.allowing(held, path, "read"))), None
            )
            if by:
                yield version, ", ".join(f'policy {rule.policy}, path "{rule.path}"' for rule in by[:3])


def _values(entity: Entity | None) -> Callable[[str], str | None]:
    """The values of the templates in policies for an entity; None: not known here."""

    def value(name: str) -> str | None:
        if entity is None:
            return None
        if name in ("identity.entity.id", "identity.entity.name"):
            return entity.id if name.endswith("id") else entity.name
        for start, values in (("identity.entity.metadata.", entity.metadata or {}), *_aliases(entity)):
            if name.startswith(start):
                return values.get(name.removeprefix(start))
        return None

    return value


def _aliases(entity: Entity) -> list[tuple[str, dict[str, str]]]:
    return [
        (f"identity.entity.aliases.{alias.mount_accessor}.", {"name": alias.name})
        for alias in entity.aliases or []
    ]
