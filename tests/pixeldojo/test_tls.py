"""What is said of TLS with which no connection comes about: OpenSSL's own numbers are none of the system's."""

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest

from pixeldojo import errors
from tests.pixeldojo.servers import Connection, client_of, hang_up, raw_server


def self_signed(folder: Path) -> ssl.SSLContext:
    key, chain = folder / "key.pem", folder / "chain.pem"
    made = ("-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost")
    command = ["openssl", "req", "-x509", *made, "-keyout", str(key), "-out", str(chain)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


@pytest.mark.skipif(
    shutil.which("openssl") is None, reason="not installed: openssl (apt-get install openssl)"
)
async def test_a_certificate_that_is_not_accepted_is_named(tmp_path: Path) -> None:
    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=self_signed(tmp_path))
    async with server, client_of(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}") as dojo:
        with pytest.raises(errors.Unavailable) as caught:
            await dojo.submit("gpt-image-1-5-edit", {"prompt": "x"})
    assert caught.value.cause == "its certificate is not accepted: self-signed certificate"


async def test_a_port_without_tls_is_called_that() -> None:
    async def script(connection: Connection) -> None:
        await connection.send(b"HTTP/1.1 400 this is no TLS\r\n\r\n")
        await connection.reader.read()

    async with raw_server(script) as server, client_of(f"https://127.0.0.1:{server.port}") as dojo:
        with pytest.raises(errors.Unavailable) as caught:
            await dojo.submit("gpt-image-1-5-edit", {"prompt": "x"})
    assert caught.value.cause.startswith("it speaks no TLS there, or none that is taken here: ")
