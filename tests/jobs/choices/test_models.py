"""Models: a setting, narrowed by what the provider lists; options are checked before money moves."""

import asyncio
from functools import partial

import pytest

from domain.errors import Reason, Refusal
from domain.job import Kind
from domain.options import Options, Takes
from domain.views import ListPrice
from jobs.choices.models import RETRY, Asked, _takes
from pixeldojo.parameters import Parameter
from storage import learned
from tests.jobs.harness import LONG, Harness
from tests.storage.rows import a_job

EDIT, SECOND = "gpt-image-1-5-edit", "gpt-image-2-edit"


def asked(options: Options = Options(), *, sources: int = 1, **more: bool) -> Asked:  # noqa: B008
    return Asked(prompt="a cat", options=options, sources=sources, **more)


def refused(call: object) -> Reason:
    with pytest.raises(Refusal) as caught:
        call()  # type: ignore[operator]
    return caught.value.reason


async def test_until_the_catalogue_could_be_read_the_settings_count(harness: Harness) -> None:
    models = harness.parts.models
    assert models.offered(Kind.EDIT) == (EDIT, SECOND)
    assert models.choose(Kind.EDIT, None, asked(sources=1)).model == EDIT
    assert models.cost(EDIT, Options()) == 4_000
    assert models.cost("nobody knows", Options()) == 5_000
    assert models.listed_cost(EDIT, Options()) is None


async def test_a_price_that_nobody_has_said_yet_is_known_as_such(harness: Harness) -> None:
    models = harness.parts.models
    assert models.list_price(SECOND, Options()) == ListPrice(model=SECOND, cost=5_000, known=False)
    await harness.database.run(learned.note_cost, SECOND, Options(), each=7_000)
    await models.health.load()
    assert models.list_price(SECOND, Options()) == ListPrice(model=SECOND, cost=7_000, known=True)
    assert not models.list_price(EDIT, Options()).known
    assert await models.refresh()
    assert models.list_price(EDIT, Options()).known


async def test_a_price_waits_for_the_catalogue_but_not_for_one_that_does_not_come(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = harness.parts.models
    monkeypatch.setattr("jobs.choices.models.A_MOMENT", 0.0)
    await models.settle()
    assert not models.list_price(EDIT, Options()).known
    monkeypatch.setattr("jobs.choices.models.A_MOMENT", 60.0)
    waits = asyncio.create_task(models.settle())
    asking = asyncio.create_task(models.keep_fresh())
    await waits
    assert models.list_price(EDIT, Options()).known
    asking.cancel()


async def test_the_first_model_that_is_still_listed_is_the_default(harness: Harness) -> None:
    harness.provider.control.merge({"delist": [EDIT]})
    assert await harness.parts.models.refresh()
    assert harness.parts.models.offered(Kind.EDIT) == (SECOND,)
    assert harness.parts.models.choose(Kind.EDIT, None, asked(sources=1)).model == SECOND
    assert refused(lambda: harness.parts.models.choose(Kind.EDIT, EDIT, asked(sources=1))) is Reason.NO_MODEL


async def test_when_none_is_listed_none_is_on_offer(harness: Harness) -> None:
    harness.provider.control.merge({"delist": [EDIT, SECOND]})
    await harness.parts.models.refresh()
    for wanted in (None, EDIT):
        call = partial(harness.parts.models.choose, Kind.EDIT, wanted, asked(sources=1))
        assert refused(call) is Reason.NO_MODELS
    assert harness.parts.models.choose(Kind.GENERATE, None, asked(sources=0)).model == "gpt-image-1-5"


async def test_the_operator_is_told_once_of_a_setting_that_names_nothing_on_the_list(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is told again, where that came to nothing."""
    operator = harness.operator
    operator.reachable = False
    harness.provider.control.merge({"delist": [EDIT, SECOND]})
    await harness.parts.models.refresh()
    operator.reachable = True
    for _ in range(2):
        await harness.parts.models.refresh()
    told = ("none_listed", {"setting": "PIXELDOJO_MODELS", "model": f"{EDIT}, {SECOND}"})
    assert operator.warned == [told, told]
    harness.provider.control.merge({"delist": []})
    await harness.parts.models.refresh()
    assert operator.warned == [told, told]
    harness.provider.control.merge({"delist": [EDIT, SECOND]})
    await harness.parts.models.refresh()
    assert operator.warned == [told, told, told]


async def test_names_that_are_not_listed_stand_in_the_log_while_another_is_on_offer(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.provider.control.merge({"delist": [EDIT]})
    for _ in range(2):
        await harness.parts.models.refresh()
    said = [line for line in caplog.messages if "PIXELDOJO_MODELS" in line]
    assert said == [f"PIXELDOJO_MODELS names what is not on PixelDojo's list: {EDIT}."]
    assert harness.operator.warned == []


async def test_a_list_without_any_of_ours_is_read_again_soon(harness: Harness) -> None:
    """Or a moment of the provider's would keep everybody away for hours."""
    models = harness.parts.models
    harness.provider.control.merge({"delist": [EDIT, SECOND]})
    asking = asyncio.create_task(models.keep_fresh())
    async with asyncio.timeout(LONG):
        while not harness.clock.slept:
            await asyncio.sleep(0)
        assert models.offered(Kind.EDIT) == ()
        harness.provider.control.merge({"delist": []})
        while not models.offered(Kind.EDIT):
            await asyncio.sleep(0)
    asking.cancel()
    assert harness.clock.slept[0] == RETRY


async def test_the_catalogues_price_is_the_estimate(harness: Harness) -> None:
    harness.provider.control.merge({"costs": {EDIT: 6.5}})
    await harness.parts.models.refresh()
    assert harness.parts.models.listed_cost(EDIT, Options()) == 6_500


async def test_a_catalogue_that_cannot_be_had_leaves_what_was_known(harness: Harness) -> None:
    harness.provider.control.merge({"delist": [EDIT]})
    await harness.parts.models.refresh()
    harness.provider.control.merge({"script": [{"path": "/models$", "status": 500, "times": 9}]})
    assert not await harness.parts.models.refresh()
    assert harness.parts.models.offered(Kind.EDIT) == (SECOND,)
    assert harness.scheduler.open == 0


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"status": 200, "body": "<!doctype html><title>Welcome</title>"}, "cannot be read"),
        ({"status": 404, "body": "<h1>Not Found</h1>"}, "HTTP 404"),
        ({"status": 200, "body": {"hello": "world"}}, "no list of models"),
        ({"status": 503, "body": ""}, "HTTP 503"),
    ],
)
async def test_an_address_that_does_not_answer_as_the_provider_does_is_told_once_and_jobs_are_taken(
    harness: Harness, answer: dict[str, object], words: str
) -> None:
    harness.provider.control.merge({"script": [{"path": "/models$", "times": 9, **answer}]})
    models = harness.parts.models
    assert not await models.refresh()
    assert not await models.refresh()
    ((key, values),) = harness.operator.warned
    assert key == "api_address"
    assert words in values["problem"]
    assert models.choose(Kind.EDIT, None, asked()).model == EDIT


@pytest.mark.parametrize(("status", "said"), [(401, "invalid_key"), (403, "api_address")])
async def test_a_key_that_is_not_accepted_is_named_and_no_address_but_a_gateways_no_is_not_the_keys(
    harness: Harness, status: int, said: str
) -> None:
    harness.provider.control.merge({"script": [{"path": "/models$", "status": status, "times": 9}]})
    assert not await harness.parts.models.refresh()
    assert not await harness.parts.models.refresh()
    assert [key for key, _ in harness.operator.warned] == [said]


async def test_an_outage_after_it_answered_is_no_wrong_address(harness: Harness) -> None:
    assert await harness.parts.models.refresh()
    harness.provider.control.merge({"script": [{"path": "/models$", "status": 503, "times": 9}]})
    assert not await harness.parts.models.refresh()
    assert harness.operator.warned == []


async def test_a_description_that_cannot_be_had_leaves_the_one_that_was_known(harness: Harness) -> None:
    await harness.parts.models.refresh()
    harness.provider.control.merge({"script": [{"path": f"/models/{SECOND}", "status": 500, "times": 9}]})
    assert await harness.parts.models.refresh()
    assert refused(lambda: harness.parts.models.check(SECOND, asked(Options(fidelity="low")))) is (
        Reason.OPTION_UNSUPPORTED
    )


@pytest.mark.parametrize("read", [False, True])
@pytest.mark.parametrize(
    ("model", "options", "reason"),
    [
        (EDIT, Options(fidelity="low", background="opaque", count=4), None),
        (SECOND, Options(size="1024x1024", quality="low"), None),
        (SECOND, Options(fidelity="low"), Reason.OPTION_UNSUPPORTED),
        (SECOND, Options(background="opaque"), Reason.OPTION_UNSUPPORTED),
        (EDIT, Options(count=5), Reason.VALUE_NOT_TAKEN),
        (EDIT, Options(quality="best"), Reason.VALUE_NOT_TAKEN),
    ],
)
async def test_an_option_that_a_model_lacks_is_refused_by_name(
    harness: Harness, model: str, options: Options, reason: Reason | None, read: bool
) -> None:
    """By the built-in descriptions and by the live ones alike."""
    if read:
        await harness.parts.models.refresh()
    if reason is None:
        harness.parts.models.check(model, asked(options))
        return
    with pytest.raises(Refusal) as caught:
        harness.parts.models.check(model, asked(options))
    assert caught.value.reason is reason
    assert caught.value.values["option"] in options.chosen()


async def test_a_body_holds_what_was_chosen_in_the_providers_words(harness: Harness) -> None:
    job = a_job(options=Options(count=2, fidelity="low"))
    body = harness.parts.models.body(job, ("https://cdn/1", "https://cdn/2"), mask=None, webhook_url=None)
    assert body == {
        "prompt": "Make it blue",
        "image_urls": ["https://cdn/1", "https://cdn/2"],
        "input_fidelity": "low",
        "num_images": 2,
    }


async def test_a_body_that_the_model_no_longer_takes_is_refused_in_the_members_words(
    harness: Harness,
) -> None:
    job = a_job(model=SECOND, options=Options(fidelity="low"))
    with pytest.raises(Refusal) as caught:
        harness.parts.models.body(job, ("https://cdn/1",), mask=None, webhook_url=None)
    assert (caught.value.reason, caught.value.values["option"]) == (Reason.OPTION_UNSUPPORTED, "fidelity")
    assert (
        refused(lambda: harness.parts.models.body(a_job(), (), mask=None, webhook_url=None))
        is Reason.BAD_INPUT
    )


def test_what_a_catalogue_lists_and_no_menu_can_show_is_not_offered() -> None:
    found = _takes(Parameter(name="quality", choices=("", "low", "q" * 120), default=""))
    assert found == Takes(choices=("low",), default=None)
