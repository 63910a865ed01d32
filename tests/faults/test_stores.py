"""An object store in which a bot keeps its files, and which fails."""

from pathlib import Path

from tests.e2e.messages import text_of
from tests.faults.fast_world import HELD, PAID, ask_for, open_fast
from tests.storage.rows import verify_file
from tests.storage.s3_standin import BUCKET, s3_standin


async def test_while_a_store_refuses_new_edits_end_at_no_cost_and_what_was_paid_waits(
    tmp_path: Path, small: Path
) -> None:
    with s3_standin() as store:
        shared = {"FILES_URL": f"s3://{BUCKET}/bot", "AWS_ALLOW_HTTP": "true", **store.options}
        async with open_fast(tmp_path, **shared) as world, world.member("ann") as ann:
            world.troubles |= {"could not be stored", "again in", "Traceback"}
            world.switch(always="stuck")
            [paid] = await ask_for(ann, ["paid before the store refused"], small)
            await ann.sees(paid.card, "Running")
            store.fault = (507, "XMinioStorageFull")
            await ann.edit("asked while it refuses", small)
            await ann.message(
                lambda each: (
                    "Darkroom cannot reach what it stores just now." in text_of(each)
                    and "You were not charged." in text_of(each)
                )
            )
            async with world.member("mod") as owner:
                await world.finish()
                await owner.message(
                    lambda each: "The store of FILES_URL fails: 507 Insufficient Storage" in text_of(each)
                )
            assert world.job(paid.card)["status"] == "running"
            assert world.entries(paid.card) == HELD
            store.fault = None
            done = await ann.sees(paid.card, "Done · 4 credits")
            assert world.results_on(done) == await world.provider_results(paid.prompt)
            assert world.entries(paid.card) == PAID
            assert verify_file(world.data / "darkroom.db") == []
            assert [each.name for each in (world.data / "incoming").glob("*/copies/*")] != []
            assert not (world.data / "files").exists()
