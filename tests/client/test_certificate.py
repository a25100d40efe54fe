"""A certificate that nobody vouches for is told from a server that is not there."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from zeke_bridge.client.look import look
from zeke_bridge.client.transport import Limits, Transport
from zeke_bridge.core.providers.http import Http, Peer
from zeke_bridge.core.providers.limits import Limits as CoreLimits
from zeke_bridge.model.errors import UnreachableError

pytest.importorskip("cryptography", reason="cryptography, which makes certificates, is not here")
pytestmark = pytest.mark.anyio


def certificate(path: Path) -> Path:
    """A certificate for this machine that it signed itself, with its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
    made = builder.add_extension(here, critical=False).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(made.public_bytes(pem) + secret)
    return path


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path / "server.pem"))
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_the_client_says_so(url: str) -> None:
    http = Transport(url, None, "", Limits())
    with pytest.raises(UnreachableError, match="certificate") as caught:
        await look(http)
    assert url in caught.value.message
    await http.aclose()


async def test_the_core_says_so(url: str) -> None:
    http = Http(Peer("far", url), CoreLimits())
    with pytest.raises(UnreachableError, match="far shows a certificate"):
        await http.listing("/models", {})
    await http.aclose()
