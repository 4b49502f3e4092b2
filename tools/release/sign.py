"""Keys, signatures and checks of the list of a newer version. docs/updates.md says when to use what.

    python -m tools.release.sign make-key KEY            a new key pair; the private key into KEY, which must not exist
    python -m tools.release.sign show-key KEY            its public key, as a line for resources/updates.json
    python -m tools.release.sign sign DRAFT FOLDER OUT KEY [KEY]     sizes and hashes from the files in FOLDER
    python -m tools.release.sign verify LIST [FOLDER]    as a released program would; with FOLDER its files, too

DRAFT is JSON with `number`, `version`, `date`, `expires`, `changes`, and `packages`, each with `platform`, `name` and
`address`. A key may be protected by a passphrase, which is asked for or taken from SEEDLING_SIGNING_PASSPHRASE.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import json
import os
import sys
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine import files
from engine.errors import EngineError
from engine.updates import fetching, known, manifest, signature

_PASSPHRASE = "SEEDLING_SIGNING_PASSPHRASE"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="sign", description="Sign the list of a newer version, and check it.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="WHAT")
    for name in ("make-key", "show-key"):
        actions.add_parser(name).add_argument("key", type=Path)
    signing = actions.add_parser("sign")
    for name in ("draft", "folder", "out"):
        signing.add_argument(name, type=Path)
    signing.add_argument("keys", type=Path, nargs="+", metavar="key")
    verifying = actions.add_parser("verify")
    verifying.add_argument("list", type=Path)
    verifying.add_argument("folder", type=Path, nargs="?")
    args = parser.parse_args(arguments)
    try:
        match args.action:
            case "make-key":
                make_key(args.key)
                print(public_line(args.key))
            case "show-key":
                print(public_line(args.key))
            case "sign":
                sign(args.draft, args.folder, args.out, args.keys)
            case _:
                found = verify(args.list, args.folder)
                print(f"{found.version}, list {found.number}, {found.date} to {found.expires}: genuine")
    except (EngineError, OSError, ValueError, KeyError) as error:
        print(f"sign: {error}", file=sys.stderr)
        return 1
    return 0


def make_key(path: Path) -> None:
    """Raises FileExistsError: a key that is lost is lost for every program that trusts it."""
    passphrase = _passphrase("A passphrase for the new key (empty: none): ").encode()
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        protection = serialization.BestAvailableEncryption(passphrase)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    data = Ed25519PrivateKey.generate().private_bytes(*form, protection)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def public_line(path: Path) -> str:
    """The public key as `keys` in resources/updates.json has it."""
    return json.dumps(base64.b64encode(_read_key(path).public_key().public_bytes_raw()).decode())


def sign(draft: Path, folder: Path, out: Path, keys: list[Path]) -> None:
    """Raises EngineError or ValueError for a list that no program would believe, so that none is ever signed.

    Raises ValueError where the list in OUT has this number or a higher one: programs that have seen that refuse this;
    and for more keys than programs look at signatures.
    """
    if len(keys) > signature.MOST_SIGNATURES:
        raise ValueError(
            f"name at most {signature.MOST_SIGNATURES} keys: programs look at no more signatures of a list"
        )
    data: dict[str, Any] = json.loads(draft.read_text(encoding="utf-8")) | {"format": manifest.FORMAT}
    for package in data["packages"]:
        path = folder / package["name"]
        package |= {"size": path.stat().st_size, "sha256": files.sha256_of(path)}
    line = manifest.canonical(data)
    found = manifest.read(line, "the draft")
    known.check_present(found, "the draft")
    if out.exists():
        before = manifest.read(out.read_bytes().partition(b"\n")[0], str(out))
        if found.number <= before.number:
            raise ValueError(f"{out} is list {before.number} already, so the draft's number {found.number} is too low")
    document = signature.sign(line, [_read_key(key) for key in keys])
    _check_length(document, "the draft")
    files.write_bytes(out, document)


def verify(path: Path, folder: Path | None = None) -> manifest.Manifest:
    """The list, as the keys of this source take it.

    Raises EngineError, and ValueError where it is too long or a file is another one.
    """
    document = path.read_bytes()
    _check_length(document, str(path))
    found = manifest.read(signature.genuine(document, signature.trusted(), str(path)), str(path))
    known.check_present(found, str(path))
    for package in found.packages if folder is not None else ():
        file = Path(folder or "", package.name)
        if (file.stat().st_size, files.sha256_of(file)) != (package.size, package.sha256):
            raise ValueError(f"{file} is not the file that is listed")
    return found


def _check_length(document: bytes, place: str) -> None:
    """Raises ValueError for more than a program reads."""
    if len(document) > fetching.LARGEST_LIST:
        raise ValueError(f"{place} has more than the {fetching.LARGEST_LIST:,} bytes that programs read of a list")


def _read_key(path: Path) -> Ed25519PrivateKey:
    data = path.read_bytes()
    passphrase = _passphrase(f"The passphrase of {path}: ").encode() if b"ENCRYPTED" in data else None
    key = serialization.load_pem_private_key(data, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(f"{path} is no Ed25519 key")
    return key


def _passphrase(question: str) -> str:
    given = os.environ.get(_PASSPHRASE)
    return getpass.getpass(question) if given is None else given


if __name__ == "__main__":
    sys.exit(main())
