"""A file from a URL, resumed by ``Range`` where an earlier run stopped.

Does not know what the file is nor whether its content is right. HTTP ranges: RFC 9110, section 14.
"""

from __future__ import annotations

import ipaddress
import re
import threading
from collections.abc import Callable
from concurrent import futures
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from zeke_bridge.core.local.partial import Partial
from zeke_bridge.model.errors import (
    BadAnswerError,
    InputError,
    TimedOutError,
    UnreachableError,
)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until the head of the answer is there, and between two reads of its body."""

    head: float = 4.5
    silence: float = 30.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to fetch: ``size`` and ``sha256`` when they are known beforehand, else 0 and empty."""

    url: str
    size: int = 0
    sha256: str = ""


def fetch(
    wanted: Wanted,
    partial: Partial,
    progress: Callable[[int, int], None],
    patience: Patience,
) -> None:
    """Bring ``partial`` to the end of the file at ``wanted.url``.

    Raises ``InputError`` for a URL that is not encrypted (unless it is on this machine), and a
    ``CoreError`` when the server is out of reach, breaks off or sends something else; what came
    until then stays in ``partial``.
    """
    limits = httpx.Timeout(patience.silence, connect=patience.head)
    with httpx.Client(follow_redirects=True, timeout=limits) as client:
        try:
            _resume(client, wanted, partial, progress, patience)
        except httpx.TimeoutException as error:
            raise TimedOutError(f"{_host(wanted.url)} went silent: try again.") from error
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(
                f"{_host(wanted.url)} is out of reach ({reason}): try again, which goes on "
                "where it stopped."
            ) from error


def _resume(
    client: httpx.Client,
    wanted: Wanted,
    partial: Partial,
    progress: Callable[[int, int], None],
    patience: Patience,
) -> None:
    tag = partial.tag
    if not (wanted.sha256 or tag):
        partial.cut(0)  # Nothing would tell that the file was replaced in between.
    start = partial.size
    response = _head(client, wanted.url, _range(start, tag), patience.head)
    try:
        if not _is_safe(str(response.url)):
            raise BadAnswerError(f"{_host(wanted.url)} leads to an address without encryption.")
        if response.status_code == 416:
            _past_the_end(response, start, partial)
            return
        if response.status_code not in (200, 206):
            raise UnreachableError(
                f"{_host(wanted.url)} answered {response.status_code} for {wanted.url}."
            )
        begin = _begin(response, start)
        total = begin + int(response.headers.get("content-length") or 0)
        if wanted.size and total != wanted.size:
            raise BadAnswerError(f"{_host(wanted.url)} sent something that is not the model.")
        partial.cut(begin)
        partial.tag = _strong(response.headers.get("etag", ""))
        _copy(response, partial, total, progress)
    finally:
        response.close()


def _copy(
    response: httpx.Response, partial: Partial, total: int, progress: Callable[[int, int], None]
) -> None:
    done = partial.size
    with partial.more() as file:
        for piece in response.iter_raw():
            file.write(piece)
            done += len(piece)
            progress(done, max(total, done))


def _head(client: httpx.Client, url: str, headers: dict[str, str], limit: float) -> httpx.Response:
    """The head of the answer. Looking up a name has no time limit, so it has a thread."""
    check_url(url)
    request = client.build_request("GET", url, headers=headers)
    answer: futures.Future[httpx.Response] = futures.Future()

    def ask() -> None:
        try:
            answer.set_result(client.send(request, stream=True))
        except Exception as error:
            answer.set_exception(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.result(limit)
    except futures.TimeoutError as error:
        answer.add_done_callback(_drop)
        raise UnreachableError(f"{_host(url)} did not answer in {limit:g} seconds.") from error


def _drop(answer: futures.Future[httpx.Response]) -> None:
    if answer.exception() is None:
        answer.result().close()


def _range(start: int, tag: str) -> dict[str, str]:
    headers = {"Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if tag:
            headers["If-Range"] = tag
    return headers


def _begin(response: httpx.Response, start: int) -> int:
    """Where the body belongs in the file: 0 when the server sends all of it again."""
    if response.status_code == 200:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("content-range", ""))
    if found is None or int(found[1]) != start:
        raise BadAnswerError(f"{response.url.host} sent another part of the file than asked for.")
    return start


def _past_the_end(response: httpx.Response, start: int, partial: Partial) -> None:
    """416: either all of it is here already, or what is here is of another file."""
    if response.headers.get("content-range") != f"bytes */{start}":
        partial.discard()
        raise BadAnswerError(f"The file at {response.url.host} has changed: run it again.")


def _strong(etag: str) -> str:
    """Only a strong ETag may stand in ``If-Range`` (RFC 9110, 13.1.5)."""
    return "" if etag.startswith("W/") else etag


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def check_url(url: str) -> None:
    """Raise ``InputError`` unless it is ``https``, or ``http`` to this machine."""
    if not _is_safe(url):
        raise InputError(f"{url} cannot be used: give an address that begins with https://.")


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or parts.scheme not in ("http", "https"):
        return False
    if parts.scheme == "https" or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
