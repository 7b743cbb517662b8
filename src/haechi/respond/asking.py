"""Asking for reasons: what the other parts use of it."""

from haechi.respond.items import items as items
from haechi.respond.items import open_items as open_items
from haechi.respond.items import settled as settled
from haechi.respond.values import OpenItem as OpenItem
from haechi.respond.values import SettledItem as SettledItem
