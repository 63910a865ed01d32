"""One fast world that most tests share, with members of their own."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.e2e import pictures
from tests.e2e.member import Member
from tests.e2e.world import World
from tests.faults.fast_world import MANY, FastWorld, open_fast

HERE = Path(__file__).parent

Join = Callable[..., Awaitable[Member]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run all tests of this folder in one event loop, which the shared world lives in."""
    for item in items:
        if HERE in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the bots' logs with a failure."""
    report = yield
    if report.failed:
        for number, world in enumerate(World.opened, 1):
            report.sections.append((f"the log of bot {number}", world.log()[-8000:]))
    return report


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def shared_world(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[FastWorld]:
    async with open_fast(tmp_path_factory.mktemp("world"), **MANY) as world:
        yield world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def troupe(shared_world: FastWorld) -> AsyncGenerator[Join]:
    """Let somebody join the shared world for all tests of a file; everything rests at its end."""
    async with AsyncExitStack() as stack:

        async def come(**rights: list[str]) -> Member:
            member_id = await shared_world.join(**rights)
            return await stack.enter_async_context(Member.at(shared_world.discord.origin, member_id))

        yield come
        await shared_world.rest()


@pytest_asyncio.fixture(loop_scope="session")
async def world(shared_world: FastWorld) -> AsyncGenerator[FastWorld]:
    """The shared world: all switches at rest, and nothing left to do from the test before."""
    yield shared_world
    await shared_world.rest()


@pytest_asyncio.fixture(loop_scope="session")
async def ann(world: FastWorld) -> AsyncGenerator[Member]:
    async with Member.at(world.discord.origin, await world.join()) as member:
        yield member


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A photograph of a few kilobytes, for tests in which the picture does not matter."""
    return pictures.small_photo(tmp_path_factory.mktemp("pictures") / "small.jpg")
