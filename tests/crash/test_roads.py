"""Proxies in a process of their own, and orders in a folder: what two processes are driven by."""

import asyncio
import socket
import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.crash.orders import Orders
from tests.crash.roads import open_roads
from tests.crash.touches import Order


class _SaysItsPort(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while self.request.recv(1):
            self.request.sendall(self.server.server_address[1].to_bytes(2))


@contextmanager
def _server() -> Generator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _SaysItsPort) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _ask(port: int) -> int:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(b"?")
        return int.from_bytes(connection.recv(2, socket.MSG_WAITALL))


async def _asked(port: int) -> int:
    return await asyncio.to_thread(_ask, port)


@pytest.mark.timeout(30)
async def test_roads_do_as_they_are_told_each_for_itself() -> None:
    with _server() as one, _server() as other:
        async with open_roads(one, one) as (first, second):
            assert await _asked(first.port) == one
            await first.cut()
            with pytest.raises(ConnectionResetError):
                await _asked(first.port)
            assert await _asked(second.port) == one
            await first.pass_on()
            await first.lead_to(other)
            assert await _asked(first.port) == other
            await second.swallow()
            late = asyncio.create_task(_asked(second.port))
            assert await _asked(first.port) == other
            assert not late.done()
            await second.pass_on()
            assert await late == one


def test_an_order_is_taken_once_and_in_its_turn(tmp_path: Path) -> None:
    wanted = [Order(1, "after fsync"), Order(31, fault="stop"), Order(3)]
    here, there = Orders(tmp_path / "orders"), Orders(tmp_path / "orders")
    here.write(wanted)
    assert [here.take(), there.take()] == wanted[:2]
    assert here.left == 1
    there.drop()
    assert here.left == 0
    assert here.take() is None
