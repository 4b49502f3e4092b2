"""How far an address is, told from its text alone: no name is looked up, so asking tells nobody anything.

An address is what a person wrote, made regular: scheme, host, port, path. Names that mean this machine are only ever
connected to its own loopback, and names of the local network only to addresses in it (`engine.providers.line`), so what
is said here is kept when it comes to connecting.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from engine import settings
from engine.errors import EngineError
from engine.providers.base import plain

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LONGEST = 500
_TEXT = re.compile(r"[^\s\\\x00-\x1f\x7f]+")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)  # a name that ends in one is read as a number by some systems
_PATH = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%/-]*", re.ASCII)
_NEARBY = tuple(
    map(
        ipaddress.ip_network,
        ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10"),
    )
)  # RFC 1918, 3927, 4193 and 4291: what no router passes on to the internet
_NEARBY_NAMES = (".local", ".home.arpa")  # RFC 6762 and 8375


def checked(text: str) -> str:
    """An address as it is kept: `localhost:8080` becomes `http://localhost:8080`; no slash at its end.

    Without a scheme it is http here and nearby, https elsewhere. `0.0.0.0`, which servers print of themselves, is this
    machine. Raises EngineError `provider_bad_address`, also for a name, a password, a query or a fragment in it.
    """
    text = text.strip()
    try:
        return _checked(text)
    except (ValueError, UnicodeError) as error:
        raise EngineError("provider_bad_address", detail=type(error).__name__, address=plain(text)) from None


def _checked(text: str) -> str:
    if len(text) > _LONGEST or not _TEXT.fullmatch(text):
        raise ValueError("not one word")
    guessed = not _SCHEME.match(text)
    parts = urlsplit(f"http://{text}" if guessed else text)
    if parts.scheme not in ("http", "https") or set("@?#") & set(text) or not _PATH.fullmatch(parts.path):
        raise ValueError("not the address of a server")
    host, port = _host(parts), parts.port
    if port == 0:
        raise ValueError("no port")
    far = _reach(host) == "internet"
    scheme = "https" if guessed and far else parts.scheme
    shown = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}[scheme]
    return f"{scheme}://{shown}{f':{port}' if port not in (None, usual) else ''}{parts.path.rstrip('/')}"


def _host(parts: SplitResult) -> str:
    """The host in lower case and ASCII. Raises ValueError for one that could be read in two ways."""
    host = (parts.hostname or "").rstrip(".")
    number = _number(host)
    if number is not None:
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(str(number), str(number))
    host = host.encode("idna").decode("ascii").lower()
    if not _NAME.fullmatch(host) or _NUMBER.fullmatch(host.rpartition(".")[2]):
        raise ValueError("not a host")
    return host


def reach(address: str) -> str:
    """One of `base.REACHES`: how far a request to this address goes. address: as `checked` gives it."""
    return _reach(urlsplit(address).hostname or "")


def _reach(host: str) -> str:
    number = _number(host)
    if number is not None:
        return reach_of(number)
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761
        return "machine"
    return "network" if "." not in host or host.endswith(_NEARBY_NAMES) else "internet"


def reach_of(number: Address) -> str:
    """The same of an IP address."""
    if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped is not None:
        number = number.ipv4_mapped
    if number.is_loopback:
        return "machine"
    return "network" if any(number in nearby for nearby in _NEARBY if nearby.version == number.version) else "internet"


def origin(address: str) -> str:
    """Scheme, host and port: what a key belongs to."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def check_allowed(name: str, address: str) -> None:
    """Raises EngineError `provider_stays` where the person has nothing leave this computer and this would."""
    if settings.stored("stay_here") and reach(address) != "machine":
        raise EngineError("provider_stays", name=name)


def _number(host: str) -> Address | None:
    if "%" in host:  # a zone, which only this machine knows
        return None
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
