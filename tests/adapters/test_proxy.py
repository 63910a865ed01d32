"""``deploy/nginx.conf``: what passes it, and what does not, with a real nginx before the real listener."""

import asyncio
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from adapters.duty import Duty
from adapters.webhook import MAX_BODY, WebhookListener
from playground.loopback import free_port
from tests.e2e.waiting import until

RECIPE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
SECRET = "0123456789abcdef" * 2
MISSING = [program for program in ("nginx", "openssl") if shutil.which(program) is None]
pytestmark = pytest.mark.skipif(
    bool(MISSING), reason=f"not installed: {', '.join(MISSING)} (apt-get install nginx-light openssl)"
)


def certificate(folder: Path) -> None:
    made = ("-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=bot.example.com")
    files = ("-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"))
    subprocess.run(["openssl", "req", "-x509", *made, *files], check=True, capture_output=True)


def whole_configuration(folder: Path, *, port: int, listeners: Sequence[int]) -> Path:
    """Put the recipe into the least that nginx needs around it, with places and ports of a test."""
    text = re.sub(r"\n *listen \[::\].*", "", RECIPE.read_text(encoding="utf-8"))
    changes = {
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/letsencrypt/live/bot.example.com": str(folder),
        "/var/log/nginx": str(folder),
        "server 127.0.0.1:8090": f"server 127.0.0.1:{listeners[0]}",
        "#server 10.0.0.2:8090": f"server 127.0.0.1:{listeners[1]}",
    }
    for given, ours in changes.items():
        assert given in text
        text = text.replace(given, ours)
    temporary = "".join(
        f"{kind}_temp_path {folder / kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off; master_process off; pid {folder / 'pid'};\nevents {{}}\nhttp {{\n{temporary}{text}}}\n"
    )
    return path


@pytest.fixture
async def proxied(tmp_path: Path) -> AsyncIterator[str]:
    async def poked(secret: str, _body: bytes) -> bool:
        return secret == SECRET

    duties = Duty(), Duty()
    listeners = [WebhookListener(host="127.0.0.1", port=0, path="/hooks", duty=duty) for duty in duties]
    port = free_port()
    certificate(tmp_path)
    ports = [await listener.start() for listener in listeners]
    configuration = whole_configuration(tmp_path, port=port, listeners=ports)
    nginx = await asyncio.create_subprocess_exec(
        "nginx", "-p", str(tmp_path), "-e", str(tmp_path / "early.log"), "-c", str(configuration)
    )

    def there() -> bool:
        assert nginx.returncode is None, (tmp_path / "early.log").read_text()
        return (tmp_path / "pid").exists()

    try:
        await until(there, what=lambda: "nginx")
        async with duties[1].at_work(poked=poked, connected=lambda: True, ends=lambda: False):
            yield f"https://127.0.0.1:{port}"
    finally:
        if nginx.returncode is None:
            nginx.kill()
        await nginx.wait()
        for listener in listeners:
            await listener.close()


async def test_not_even_what_goes_wrong_within_the_proxy_writes_a_secret_down(
    proxied: str, tmp_path: Path
) -> None:
    """A body that is put aside, where nothing can be: nginx says so with the whole request."""
    (tmp_path / "client_body").rmdir()
    (tmp_path / "client_body").touch()
    assert await status("POST", f"{proxied}/hooks/{SECRET}", data=b"x" * (MAX_BODY - 1)) == 500
    written = [path.read_text() for path in tmp_path.glob("*.log")]
    assert written
    assert not [text for text in written if SECRET in text], "a secret was written down"


async def status(method: str, url: str, **given: Any) -> int:
    async with aiohttp.ClientSession() as http, http.request(method, url, ssl=False, **given) as reply:
        return reply.status


async def test_calls_pass_to_the_host_that_works_and_nothing_else_does(proxied: str, tmp_path: Path) -> None:
    for _ in range(4):
        assert await status("POST", f"{proxied}/hooks/{SECRET}", json={}) == 204
    assert await status("POST", f"{proxied}/hooks/{SECRET}", json={}) == 204
    assert await status("POST", f"{proxied}/hooks/{'f' * 32}", json={}) == 404
    assert await status("GET", f"{proxied}/hooks/{SECRET}") == 403
    assert await status("GET", f"{proxied}/healthz") == 404
    assert await status("POST", f"{proxied}/hooks/{SECRET}", data=b"x" * (MAX_BODY + 1)) == 413
    written = [path.read_text() for path in tmp_path.glob("*.log")]
    assert not [text for text in written if SECRET in text], "a secret was written down"
