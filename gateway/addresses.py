"""Which addresses the hub may push to: public ones, unless a sandbox's settings say otherwise."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from gateway.config import DeliverySettings


class Forbidden(Exception):
    """The push address is one the hub may not call."""


def judge_url(url: str, settings: DeliverySettings) -> None:
    """Refuse an address that may never be pushed to; raises `Forbidden`."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise Forbidden(f"{url} is not an http(s) address")
    if parts.username or parts.password:
        raise Forbidden("a push address carries no user name or password")
    if parts.scheme == "http" and not settings.allow_private:
        raise Forbidden("a push address outside a sandbox must be https")
    if settings.allowed_hosts and parts.hostname not in settings.allowed_hosts:
        raise Forbidden(f"{parts.hostname} is not among the allowed hosts")
    try:
        judge_address(parts.hostname, settings)
    except ValueError:
        return  # a name, not an address: judged when it is resolved


def judge_address(address: str, settings: DeliverySettings) -> None:
    """Refuse private, loopback, link-local and other special addresses."""
    if not (ipaddress.ip_address(address).is_global or settings.allow_private):
        raise Forbidden(f"{address} is not a public address")
