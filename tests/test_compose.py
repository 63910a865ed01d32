"""``compose.yaml``, as far as an engine is not needed: its parts fit each other and the bot's settings."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from config.settings import load_settings
from domain.limits import MINUTE
from tests.container import ROOT, steps

TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
SECRETS = {name: name.lower() * 4 for name in ("POSTGRES_PASSWORD", "STORE_SECRET", "ERASURE_SECRET")}
BOTS = ("bot-1", "bot-2")
SPANS = {"s": 1_000, "m": MINUTE}


def parsed() -> dict[str, Any]:
    """Read the file as an engine does, with an ``.env`` that holds what it asks for."""
    return yaml.safe_load(re.sub(r"\$\{(\w+):\?[^}]*\}", lambda found: SECRETS[found[1]], TEXT))


SERVICES: dict[str, dict[str, Any]] = parsed()["services"]


def milliseconds(span: str) -> int:
    return int(span[:-1]) * SPANS[span[-1]]


def test_the_bots_are_alike_but_for_their_own_folder() -> None:
    one, two = (dict(SERVICES[name]) for name in BOTS)
    assert one.pop("volumes") == ["bot-1:/data"]
    assert two.pop("volumes") == ["bot-2:/data"]
    assert one == two


def test_the_bots_settings_are_settings_and_lead_to_the_other_parts() -> None:
    given = SERVICES["bot-1"]["environment"]
    assert all(isinstance(value, str) for value in given.values())
    required = {"DISCORD_TOKEN": "t", "PIXELDOJO_API_KEY": "k", "ALLOWED_GUILDS": "any"}
    settings = load_settings({**required, **given})
    database = urlsplit(settings.database_url or "")
    assert database.hostname in SERVICES
    made = SERVICES["database"]["environment"]
    assert (database.username, database.password) == (made["POSTGRES_USER"], made["POSTGRES_PASSWORD"])
    assert database.path == f"/{made['POSTGRES_DB']}"
    endpoint, store = urlsplit(settings.s3["AWS_ENDPOINT_URL"]), SERVICES["store"]
    assert endpoint.hostname == "store"
    assert f":{endpoint.port}" == store["environment"]["VGW_PORT"]
    assert settings.s3["AWS_ACCESS_KEY_ID"] == store["environment"]["ROOT_ACCESS_KEY"]
    assert settings.s3["AWS_SECRET_ACCESS_KEY"] == store["environment"]["ROOT_SECRET_KEY"]
    bucket = urlsplit(settings.files_url or "").netloc
    assert store["volumes"] == [f"files:{store['environment']['VGW_BACKEND_ARG']}/{bucket}"]
    assert (settings.data_dir, settings.listens) == (Path("/data"), True)


def test_whatever_is_named_is_there_and_known_to_be_well_before_it_is_needed() -> None:
    volumes = {volume.partition(":")[0] for service in SERVICES.values() for volume in service["volumes"]}
    assert volumes == parsed()["volumes"].keys()
    for service in SERVICES.values():
        assert service["healthcheck"]["test"][0] == "CMD"
        for name, when in service.get("depends_on", {}).items():
            assert when == {"condition": "service_healthy"}
            assert "healthcheck" in SERVICES[name]


def test_the_bots_are_confined_stopped_in_peace_and_started_again() -> None:
    bot = SERVICES["bot-1"]
    assert bot["read_only"] is True
    assert bot["tmpfs"] == ["/tmp"]
    assert bot["cap_drop"] == ["ALL"]
    assert bot["security_opt"] == ["no-new-privileges:true"]
    assert milliseconds(bot["stop_grace_period"]) >= 100_000
    assert {service["restart"] for service in SERVICES.values()} == {"unless-stopped"}
    assert bot["init"] is True


def test_a_stand_by_is_as_well_as_the_one_at_work_and_is_asked_as_the_image_asks() -> None:
    (image,) = (step for step in steps() if step.word == "HEALTHCHECK")
    assert SERVICES["bot-1"]["healthcheck"]["test"] == ["CMD", *image.command, "/healthz"]


def test_nothing_in_it_is_a_secret_and_nothing_is_open_to_other_machines() -> None:
    words = parsed()
    assert "ports" not in json.dumps(words)
    for name, value in SECRETS.items():
        assert value in json.dumps(words)
        assert f"${{{name}:?is missing in .env}}" in TEXT
    for line in re.sub(r"(?m)^ *#.*$", "", TEXT).splitlines():
        if re.search(r"(PASSWORD|SECRET\w*|TOKEN|_KEY):", line):
            assert "${" in line or line.strip().endswith(": darkroom"), line


@pytest.mark.parametrize("name", ["database", "store"])
def test_what_others_made_is_of_one_version(name: str) -> None:
    _, _, version = SERVICES[name]["image"].partition(":")
    assert re.search(r"\d", version)
