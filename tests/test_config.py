"""Settings: the defaults of the design, and one error that lists everything that is wrong."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import NOISY, Settings, SettingsError, load_settings, read_environment, set_up_logging
from domain.limits import MIB
from domain.model_order import ModelOrder

TOKEN, KEY = "the.secret.token", "pd_the_secret_key"
SECRETS = {"DISCORD_TOKEN": TOKEN, "PIXELDOJO_API_KEY": KEY}
REQUIRED = {**SECRETS, "ALLOWED_GUILDS": "1"}
NAMES = [
    line.partition("=")[0].lstrip("# ")
    for line in (Path(__file__).parents[1] / ".env.example").read_text(encoding="utf-8").splitlines()
    if "=" in line and line.partition("=")[0].lstrip("# ").isupper()
]


def load(**values: str) -> Settings:
    return load_settings({**REQUIRED, **values})


def problems(**values: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(**values)
    return caught.value.problems


def test_all_that_is_not_required_has_the_default_of_the_design() -> None:
    settings = load()
    assert settings.discord_api_url == "https://discord.com/api/v10"
    assert settings.discord_cdn_urls == ("https://cdn.discordapp.com", "https://media.discordapp.net")
    assert settings.pixeldojo_api_url == "https://pixeldojo.ai/api/v1"
    assert settings.edit_models == ModelOrder(names=("gpt-image-1-5-edit", "gpt-image-2-edit"))
    assert settings.generate_models == ModelOrder(names=("gpt-image-1-5", "gpt-image-2"))
    assert (settings.requests_per_minute, settings.submits_per_minute) == (40, 10)
    assert settings.webhook_url is None
    assert (settings.webhook_host, settings.webhook_port) == ("127.0.0.1", 8090)
    assert settings.data_dir == Path("data")
    assert (settings.max_jobs_in_flight, settings.max_jobs_per_member) == (8, 3)
    assert (settings.max_waiting_per_member, settings.member_submits_per_minute) == (10, 4)
    assert (settings.key_ceiling, settings.member_ceiling) == (400_000, 200_000)
    assert settings.server_ceiling is None
    assert (settings.account_days, settings.joined_minutes) == (1, 10)
    assert settings.operator_guild is None
    assert (settings.retention_days, settings.storage_limit) == (30, 5_000 * MIB)
    assert settings.log_level == "INFO"


def test_every_setting_is_read() -> None:
    settings = load(
        DISCORD_API_URL="http://127.0.0.1:1/api/v10/",
        DISCORD_CDN_URLS="http://127.0.0.1:2, https://cdn.example",
        PIXELDOJO_API_URL="http://127.0.0.1:3/api/v1",
        PIXELDOJO_MODELS="b , a",
        PIXELDOJO_REQUESTS_PER_MINUTE="7",
        PIXELDOJO_SUBMITS_PER_MINUTE="3",
        PIXELDOJO_WEBHOOK_URL="https://bot.example/hooks",
        WEBHOOK_LISTEN="[::1]:99",
        DATA_DIR="/var/lib/darkroom",
        MAX_JOBS_IN_FLIGHT="2",
        MAX_JOBS_PER_MEMBER="1",
        MAX_WAITING_PER_MEMBER="5",
        MEMBER_SUBMITS_PER_MINUTE="60",
        ALLOWED_GUILDS="1, 2",
        KEY_CREDITS_PER_DAY="unlimited",
        DEFAULT_MEMBER_CREDITS="12.5",
        DEFAULT_SERVER_CREDITS="0",
        ACCOUNT_DAYS="0",
        JOINED_MINUTES="60",
        OPERATOR_GUILD="3",
        RETENTION_DAYS="1",
        STORAGE_LIMIT_MB="10",
        LOG_LEVEL="debug",
    )
    assert settings.discord_api_url == "http://127.0.0.1:1/api/v10"
    assert settings.discord_cdn_urls == ("http://127.0.0.1:2", "https://cdn.example")
    assert settings.edit_models == ModelOrder(names=("b", "a"), by_operator=True)
    assert (settings.requests_per_minute, settings.submits_per_minute) == (7, 3)
    assert settings.webhook_url == "https://bot.example/hooks"
    assert (settings.webhook_host, settings.webhook_port) == ("::1", 99)
    assert settings.data_dir == Path("/var/lib/darkroom")
    assert (settings.max_jobs_in_flight, settings.max_jobs_per_member) == (2, 1)
    assert settings.allowed_guilds == {1, 2}
    assert (settings.max_waiting_per_member, settings.member_submits_per_minute) == (5, 60)
    assert settings.key_ceiling is None
    assert (settings.member_ceiling, settings.server_ceiling) == (12_500, 0)
    assert (settings.account_days, settings.joined_minutes, settings.operator_guild) == (0, 60, 3)
    assert settings.storage_limit == 10 * MIB
    assert settings.log_level == "DEBUG"


def test_whoever_runs_it_says_which_servers_may_spend_the_key_or_any() -> None:
    assert load(ALLOWED_GUILDS="Any").allowed_guilds is None
    with pytest.raises(SettingsError) as caught:
        load_settings(SECRETS)
    (problem,) = caught.value.problems
    assert problem.startswith("ALLOWED_GUILDS is missing")
    assert "'any'" in problem


def test_all_that_is_missing_or_wrong_is_said_at_once() -> None:
    found = problems(
        DISCORD_TOKEN="",
        PIXELDOJO_API_KEY="",
        PIXELDOJO_SUBMITS_PER_MINUTE="none",
        WEBHOOK_LISTEN="8090",
        ALLOWED_GUILDS="my server",
        LOG_LEVEL="LOUD",
    )
    named = [problem.split()[0] for problem in found]
    assert sorted(named) == [
        "ALLOWED_GUILDS",
        "DISCORD_TOKEN",
        "LOG_LEVEL",
        "PIXELDOJO_API_KEY",
        "PIXELDOJO_SUBMITS_PER_MINUTE",
        "WEBHOOK_LISTEN",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISCORD_API_URL", "discord.com"),
        ("DISCORD_API_URL", "ftp://discord.com"),
        ("DISCORD_API_URL", "https://user@discord.com"),
        ("DISCORD_API_URL", "https://discord.com/?x=1"),
        ("DISCORD_API_URL", "https://discord.com:port"),
        ("DISCORD_API_URL", "https://[::1"),
        ("DISCORD_CDN_URLS", "https://cdn.example/path"),
        ("DISCORD_CDN_URLS", ","),
        ("PIXELDOJO_MODELS", " , "),
        ("PIXELDOJO_REQUESTS_PER_MINUTE", "0"),
        ("PIXELDOJO_REQUESTS_PER_MINUTE", "-1"),
        ("PIXELDOJO_REQUESTS_PER_MINUTE", "1.5"),
        ("PIXELDOJO_REQUESTS_PER_MINUTE", "٣"),
        ("PIXELDOJO_REQUESTS_PER_MINUTE", "9" * 5_000),
        ("PIXELDOJO_WEBHOOK_URL", "bot.example"),
        ("WEBHOOK_LISTEN", "localhost:99999"),
        ("WEBHOOK_LISTEN", ":80"),
        ("ALLOWED_GUILDS", "1;2"),
        ("ALLOWED_GUILDS", "0"),
        ("ALLOWED_GUILDS", "9" * 5_000),
        ("OPERATOR_GUILD", "mine"),
        ("ACCOUNT_DAYS", "-1"),
        ("JOINED_MINUTES", "00"),
        ("KEY_CREDITS_PER_DAY", "none"),
        ("DEFAULT_MEMBER_CREDITS", "-1"),
        ("DEFAULT_MEMBER_CREDITS", "nan"),
        ("DEFAULT_MEMBER_CREDITS", "Infinity"),
        ("DEFAULT_MEMBER_CREDITS", "1e30"),
        ("RETENTION_DAYS", "never"),
        ("STORAGE_LIMIT_MB", "5 GB"),
        ("LOG_LEVEL", "TRACE"),
    ],
)
def test_a_value_that_makes_no_sense_is_one_problem_that_names_it(name: str, value: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem.startswith(f"{name} ")
    assert problem.endswith(".")


@pytest.mark.parametrize("name", SECRETS)
def test_a_mistyped_secret_is_not_repeated(name: str) -> None:
    (problem,) = problems(**{name: "half a secret"})
    assert name in problem
    assert "secret" not in problem


def test_secrets_are_not_in_the_repr() -> None:
    assert TOKEN not in repr(load())
    assert KEY not in repr(load())


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=30), max_size=8))
def test_no_value_whatever_ends_in_another_error(values: dict[str, str]) -> None:
    found: list[str] = []
    try:
        load(**values)
    except SettingsError as error:
        found = error.problems or ["nothing was said"]
    assert {problem.partition(" ")[0] for problem in found} <= set(NAMES)


def test_the_environment_wins_over_the_file_and_empty_values_count_as_unset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("DATA_DIR=from-file\nLOG_LEVEL=DEBUG\nALLOWED_GUILDS=\n", encoding="utf-8")
    monkeypatch.setenv("DATA_DIR", "  from-environment ")
    monkeypatch.setenv("MAX_JOBS_IN_FLIGHT", "  ")
    values = read_environment(dotenv)
    assert values["DATA_DIR"] == "from-environment"
    assert values["LOG_LEVEL"] == "DEBUG"
    assert "ALLOWED_GUILDS" not in values
    assert "MAX_JOBS_IN_FLIGHT" not in values


def test_the_example_names_every_setting_of_the_design() -> None:
    assert set(NAMES) >= {
        "DISCORD_TOKEN",
        "PIXELDOJO_API_KEY",
        "DISCORD_API_URL",
        "DISCORD_CDN_URLS",
        "PIXELDOJO_API_URL",
        "PIXELDOJO_MODELS",
        "PIXELDOJO_REQUESTS_PER_MINUTE",
        "PIXELDOJO_SUBMITS_PER_MINUTE",
        "PIXELDOJO_WEBHOOK_URL",
        "WEBHOOK_LISTEN",
        "DATA_DIR",
        "MAX_JOBS_IN_FLIGHT",
        "MAX_JOBS_PER_MEMBER",
        "ALLOWED_GUILDS",
        "DEFAULT_MEMBER_CREDITS",
        "DEFAULT_SERVER_CREDITS",
        "KEY_CREDITS_PER_DAY",
        "MAX_WAITING_PER_MEMBER",
        "MEMBER_SUBMITS_PER_MINUTE",
        "ACCOUNT_DAYS",
        "JOINED_MINUTES",
        "OPERATOR_GUILD",
        "RETENTION_DAYS",
        "STORAGE_LIMIT_MB",
        "LOG_LEVEL",
    }


@pytest.fixture
def quiet_root() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in NOISY}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


@pytest.mark.usefixtures("quiet_root")
def test_a_secret_that_reaches_a_log_line_does_not_leave_it(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    set_up_logging(load(LOG_LEVEL="DEBUG"))
    try:
        int(f"no such key {KEY}")
    except ValueError:
        logging.getLogger("darkroom").exception("token %s", TOKEN)
    assert "no such key" in written.getvalue()
    assert TOKEN not in written.getvalue()
    assert KEY not in written.getvalue()


@pytest.mark.usefixtures("quiet_root")
def test_other_peoples_loggers_never_print_payloads_even_at_debug() -> None:
    set_up_logging(load(LOG_LEVEL="DEBUG"))
    assert not logging.getLogger("discord.http").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("discord.webhook.async_").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("discord.gateway").isEnabledFor(logging.DEBUG)
    assert not logging.getLogger("aiosqlite").isEnabledFor(logging.INFO)
    assert logging.getLogger("jobs.engine").isEnabledFor(logging.DEBUG)
