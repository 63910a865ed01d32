"""Settings: the defaults of the design, and one error that lists everything that is wrong."""

import io
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.environment import ROOT, Environment, read_environment, readable_by_others, resolved
from config.logs import NOISY, set_up_logging
from config.problems import CALLED, FILL_IN, LOOK_UP, Obstacle, SettingsError
from config.settings import Settings, load_kept, load_listen, load_settings
from domain.limits import MIB
from domain.model_order import ModelOrder
from tests.container import setting_names

TOKEN, KEY = "the.secret.token", "pd_the_secret_key"
SECRETS = {"DISCORD_TOKEN": TOKEN, "PIXELDOJO_API_KEY": KEY}
REQUIRED = {**SECRETS, "ALLOWED_GUILDS": "1"}
NAMES = setting_names()


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
    assert settings.data_dir == ROOT / "data"
    assert (settings.max_jobs_in_flight, settings.max_jobs_per_member) == (8, 3)
    assert (settings.max_waiting_per_member, settings.member_submits_per_minute) == (10, 4)
    assert (settings.key_ceiling, settings.member_ceiling) == (400_000, 200_000)
    assert settings.server_ceiling is None
    assert (settings.account_days, settings.joined_minutes) == (1, 10)
    assert settings.operator_guild is None
    assert (settings.retention_days, settings.storage_limit) == (30, 5_000 * MIB)
    assert settings.log_level == "INFO"
    assert (settings.database_url, settings.files_url, settings.s3) == (None, None, {})


@pytest.fixture
def settings() -> Settings:
    """Every setting as no default has it."""
    return load(
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
        OPERATOR_CONTACT="privacy@example.com",
        PRIVACY_URL="https://bot.example/privacy",
        ERASURE_SECRET="e" * 32,
        RETENTION_DAYS="1",
        STORAGE_LIMIT_MB="10",
        LOG_LEVEL="debug",
    )


def test_every_setting_is_read(settings: Settings) -> None:
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
    assert settings.erasure_secret == "e" * 32
    assert (settings.operator_contact, settings.privacy_url) == (
        "privacy@example.com",
        "https://bot.example/privacy",
    )
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
        ("DISCORD_API_URL", "https://discord..com"),
        ("DISCORD_API_URL", "https://disc\tord.com"),
        ("DISCORD_API_URL", "https://discörd.com"),
        ("DISCORD_API_URL", "https://discord.com:0"),
        ("PIXELDOJO_API_URL", "https://pixeldojo.ai/api\x00v1"),
        ("PIXELDOJO_WEBHOOK_URL", "https://bot.example/{hooks}"),
        ("PIXELDOJO_API_KEY", "pd_ключ"),
        ("PIXELDOJO_API_KEY", "pd_\x7f"),
        ("PIXELDOJO_API_KEY", "p" * 201),
        ("DISCORD_TOKEN", "zero\u200bwidth"),
        ("DATA_DIR", "~nobody-of-that-name/data"),
        ("DATABASE_URL", "mysql://bot:pass@db/darkroom"),
        ("DATABASE_URL", "postgresql://bot:pass@db"),
        ("DATABASE_URL", "postgresql://bot:pa ss@db/darkroom"),
        ("DATABASE_URL", "postgresql://bot:pass@[db/darkroom"),
        ("FILES_URL", "darkroom-files"),
        ("FILES_URL", "s3://"),
        ("FILES_URL", "s3://key:secret@bucket"),
        ("FILES_URL", "s3://bucket/a?region=b"),
        ("FILES_URL", "s3://bucket/../other"),
        ("FILES_URL", "file://elsewhere/srv"),
        ("FILES_URL", "file:///"),
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
        ("OPERATOR_CONTACT", "x" * 201),
        ("PRIVACY_URL", "example.com"),
        ("PRIVACY_URL", f"https://bot.example/{'p' * 1_981}"),
        ("ERASURE_SECRET", "short"),
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


DATABASE = "postgresql://bot:wor%64less@db.example,db2.example:5433/darkroom?sslpassword=and-this"
SHARED = {"DATABASE_URL": DATABASE, "ERASURE_SECRET": "e" * 32}
STORE = {
    "FILES_URL": "s3://darkroom-files/bot/",
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_SECRET_ACCESS_KEY": "aws-se",
}


def test_several_hosts_share_a_database_and_files() -> None:
    settings = load(**SHARED, **STORE, AWS_REGION="eu-west-1", AWS_ENDPOINT_URL="https://s3.example")
    assert (settings.database_url, settings.files_url) == (DATABASE, "s3://darkroom-files/bot")
    assert settings.s3 == {
        "AWS_ACCESS_KEY_ID": "AKIA",
        "AWS_SECRET_ACCESS_KEY": "aws-se",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "https://s3.example",
    }
    assert load(FILES_URL="file:///srv/darkroom").files_url == "file:///srv/darkroom"


def test_who_shares_a_database_shares_the_secret_of_erasures() -> None:
    (problem,) = problems(DATABASE_URL=DATABASE)
    assert problem.startswith("ERASURE_SECRET is missing: with DATABASE_URL every host")


@pytest.mark.parametrize(("name", "extra"), [("DATABASE_URL", "postgres"), ("FILES_URL", "s3")])
def test_what_is_not_installed_is_one_sentence_with_the_command(
    name: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.settings.find_spec", lambda module: None)
    assert load(FILES_URL="file:///srv/darkroom")
    (problem,) = problems(**(SHARED if name == "DATABASE_URL" else STORE))
    assert problem.startswith(f"{name} needs ")
    assert problem.endswith(f": pip install -c constraints.txt '.[{extra}]'.")


def test_a_store_that_speaks_no_tls_is_meant_to() -> None:
    plain = {**STORE, "AWS_ENDPOINT_URL": "http://store:9000"}
    (problem,) = problems(**plain)
    assert problem.startswith("AWS_ENDPOINT_URL is not https")
    assert load(**plain, AWS_ALLOW_HTTP="true").s3["AWS_ENDPOINT_URL"] == "http://store:9000"


def test_half_a_pair_of_keys_is_one_problem_and_without_a_store_they_are_somebody_elses() -> None:
    (problem,) = problems(FILES_URL="s3://darkroom-files", AWS_ACCESS_KEY_ID="AKIA")
    assert problem.startswith("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    assert load(AWS_ACCESS_KEY_ID="AKIA", AWS_SECRET_KEY="x", AWS_ENDPOINT_URL="?").s3 == {}


def test_passwords_of_a_database_and_a_store_are_nowhere() -> None:
    settings = load(**SHARED, **STORE)
    for secret in ("wor%64less", "wordless", "and-this", "aws-se"):
        assert secret in settings.secrets
        assert secret not in repr(settings)
    (problem,) = problems(**{**SHARED, "DATABASE_URL": "postgresql://bot:wordless@[db/darkroom"})
    assert "wordless" not in problem


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://bot:cor@rect@db/darkroom", "%40"),
        ("postgresql://bot:cor/rect@db/darkroom", "%2F"),
        ("postgresql://bot:cor/rect@@db/darkroom", "%2F"),
        ("postgresql://bot:cor#rect@db/darkroom", "%23"),
        ("postgresql://bot:cor?rect@db/darkroom", "%3F"),
        ("postgresql://bot:cor[rect@db/darkroom", "%5B"),
        ("postgresql://bot:cor%rect@db/darkroom", "%25"),
        ("postgresql://bot:cor%zzrect@db/darkroom", "%25"),
        ("postgresql://bot:cor rect@db/darkroom", "%20"),
        ("postgresql://bot:correct@db:99999/darkroom", "a port from 1 to 65535"),
        ("postgresql://bot:correct@db:port/darkroom", "a port from 1 to 65535"),
        ("postgresql://bot:correct@one,db:0/darkroom", "a port from 1 to 65535"),
        ("postgresql://bot:correct@a:b:c/darkroom", "must name hosts like"),
        ("postgresql://bot:correct@db/darkroom?sslmode", "name=value"),
        ("postgresql:bot:correct@db/darkroom", "must be like postgresql://"),
    ],
)
def test_a_databases_address_is_refused_with_what_to_write_and_nothing_of_its_password(
    address: str, said: str
) -> None:
    (problem,) = problems(**{**SHARED, "DATABASE_URL": address})
    assert problem.startswith("DATABASE_URL ")
    assert said in problem
    for part in ("cor", "rect", "bot", "darkroom/", "99999"):
        assert part not in problem


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://bot:cor%40%2F%23%25%3Frect@db.example:5432/darkroom",
        "postgres://bot:a:b!$&'()*+,;=~@db/darkroom?sslmode=verify-full&connect_timeout=3",
        "postgresql://[::1]:5432/darkroom",
        "postgresql://bot@%2Fvar%2Frun%2Fpostgresql/darkroom",
        "postgresql:///darkroom?host=one,two&port=5432,5433",
        "postgresql://one:5432,two:5433/darkroom?target_session_attrs=read-write",
    ],
)
def test_whatever_is_an_address_of_a_database_is_taken(address: str) -> None:
    assert load(**{**SHARED, "DATABASE_URL": address}).database_url == address


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
        "DATABASE_URL",
        "FILES_URL",
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
        "OPERATOR_CONTACT",
        "PRIVACY_URL",
        "ERASURE_SECRET",
        "RETENTION_DAYS",
        "STORAGE_LIMIT_MB",
        "LOG_LEVEL",
    }


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("DISCORD_BOT_TOKEN", "DISCORD_TOKEN"),
        ("discord_token", "DISCORD_TOKEN"),
        ("PIXELDOJO_KEY", "PIXELDOJO_API_KEY"),
        ("ALLOWED_GUILD", "ALLOWED_GUILDS"),
        ("DATADIR", "DATA_DIR"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("FILE_URL", "FILES_URL"),
        ("MAX_JOBS_PER_MEMBERS", "MAX_JOBS_PER_MEMBER"),
    ],
)
def test_a_misspelt_name_is_said_with_the_one_that_may_be_meant(given: str, meant: str) -> None:
    values = {name: value for name, value in REQUIRED.items() if name != meant}
    said = f"{given} is no setting: {meant} is one."
    if meant in REQUIRED:
        with pytest.raises(SettingsError) as caught:
            load_settings({**values, given: "1"})
        assert said in caught.value.problems
    else:
        assert load_settings({**values, given: "1"}).misspelt == (said,)
    assert said in in_file(values, given).problems


def in_file(values: dict[str, str], *names: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(Environment({**values, **dict.fromkeys(names, "1")}, written=frozenset(names)))
    return caught.value


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("MEMBER_CREDITS", "DEFAULT_MEMBER_CREDITS"),
        ("KEY_CREDITS", "KEY_CREDITS_PER_DAY"),
        ("RETENTION", "RETENTION_DAYS"),
        ("DATA_DIRECTORY", "DATA_DIR"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("DAILY_CREDITS", "KEY_CREDITS_PER_DAY"),
        ("DEFAULT_GUILD_CREDITS", "DEFAULT_SERVER_CREDITS"),
        ("PIXELDOJO_BASE_URL", "PIXELDOJO_API_URL"),
        ("MAX_JOBS_PER_USER", "MAX_JOBS_PER_MEMBER"),
    ],
)
def test_in_our_own_file_a_name_that_is_only_roughly_like_one_is_no_setting_either(
    given: str, meant: str
) -> None:
    assert in_file(REQUIRED, given).problems == [f"{given} is no setting: {meant} is one."]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        *[(name, "DISCORD_TOKEN") for name in ("TOKEN", "BOT_TOKEN", "DISCORD_BOT_TOKEN", "DISCORD_API_KEY")],
        *[(name, "PIXELDOJO_API_KEY") for name in ("API_KEY", "PIXELDOJO_KEY", "PIXELDOJO_TOKEN")],
        *[(name, "ALLOWED_GUILDS") for name in ("GUILD_ID", "guilds", "SERVER_ID", "DISCORD_GUILD_ID")],
    ],
)
def test_what_people_call_a_setting_elsewhere_leads_to_it_not_to_one_of_like_letters(
    given: str, meant: str
) -> None:
    values = {name: value for name, value in REQUIRED.items() if name != meant}
    said = f"{given} is no setting: {meant} is one."
    assert said in in_file(values, given).problems
    with pytest.raises(SettingsError) as caught:
        load_settings({**values, given: "1"})
    assert said in caught.value.problems
    assert in_file(REQUIRED, given).problems == [f"{given} is no setting."], "the one that is meant is given"


@pytest.mark.parametrize(
    "given",
    ["DISCORD_PUBLIC_KEY", "DISCORD_OWNER_ID", "MAX_JOBS", "CREDITS", "URL", "LOG_FILE", "OPERATOR_EMAIL"],
)
def test_a_name_that_may_be_meant_for_several_settings_or_none_leads_to_none(given: str) -> None:
    assert in_file(REQUIRED, given).problems == [f"{given} is no setting."]


def test_a_name_that_is_nearest_to_a_setting_that_is_given_leads_to_no_other() -> None:
    given = {**REQUIRED, "PIXELDOJO_REQUESTS_PER_MINUTE": "30"}
    assert in_file(given, "PIXELDOJO_REQUEST_PER_MINUTE").problems == [
        "PIXELDOJO_REQUEST_PER_MINUTE is no setting."
    ]


def test_all_that_people_call_settings_are_settings_and_what_they_call_them_is_none() -> None:
    assert {*CALLED.values()} <= {*NAMES}
    assert not {*CALLED} & {*NAMES}


def test_in_our_own_file_no_name_is_ignored_and_what_a_store_may_be_told_is_known_without_one() -> None:
    assert in_file(REQUIRED, "QQQ", "AWS_REGION", "AWS_ALLOW_HTTP").problems == ["QQQ is no setting."]


def test_names_that_are_like_none_or_like_one_that_is_set_are_somebody_elses() -> None:
    given = {"PATH": "/bin", "XDG_DATA_DIRS": "/usr", "LOG_FILE": "x", "DISCORD_OPENAPI": "y"}
    assert load(**given, DISCORD_BOT_TOKEN="z").misspelt == ()


def test_another_programs_name_in_the_environment_stops_nothing() -> None:
    assert load(DATABASE_URI="mysql://x").misspelt == ("DATABASE_URI is no setting: DATABASE_URL is one.",)
    on_s3 = {"FILES_URL": "s3://bucket/x", "AWS_ENDPOINT_URL_S3": "https://x", "AWS_DEFAULT_REGION": "eu"}
    assert load(**on_s3).misspelt == ()
    assert load_kept({"DATABASE_URI": "mysql://x"}).database_url is None


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("KEY_CREDITS_PER_DAY: 50", 4),
        ("KEY_CREDITS_PER_DAY 50", 4),
        ('KEY_CREDITS_PER_DAY="50', 4),
        ("KEY_CREDITS_PER_DAY", 4),
        ("\n\nKEY_CREDITS_PER_DAY='50", 6),
        ("=50", 4),
    ],
)
def test_a_line_of_the_file_that_is_none_is_said_by_its_number_and_not_repeated(
    tmp_path: Path, line: str, number: int
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"# mine\nDISCORD_TOKEN=a.b.c\n\n{line}\nPIXELDOJO_API_KEY=pd_x\nALLOWED_GUILDS=x\n")
    with pytest.raises(SettingsError) as caught:
        load_settings(read_environment(dotenv))
    line_said, guilds_said = caught.value.problems
    assert line_said == f"{dotenv}: line {number} is not NAME=value."
    assert guilds_said.startswith("ALLOWED_GUILDS must be")
    with pytest.raises(SettingsError, match=f"line {number} is"):
        load_kept(read_environment(dotenv))


def test_a_name_that_stands_twice_in_the_file_is_said_with_its_lines_and_neither_value_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first server would be dropped, the limit be none, and the token be missing."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "# mine\nDISCORD_TOKEN=a.b.c\nALLOWED_GUILDS=1\nKEY_CREDITS_PER_DAY=100\nPIXELDOJO_API_KEY=pd_x\n"
        "\n\nLOG_LEVEL=LOUD\nALLOWED_GUILDS=2\nexport KEY_CREDITS_PER_DAY=unlimited\nDISCORD_TOKEN=\n"
        "KEY_CREDITS_PER_DAY = 100\n#LOG_LEVEL=INFO\n"
    )
    with pytest.raises(SettingsError) as caught:
        load_settings(read_environment(dotenv))
    level, *twice = caught.value.problems
    assert level.startswith("LOG_LEVEL must be")
    assert twice == [
        "DISCORD_TOKEN stands twice in .env (lines 2 and 11): keep one.",
        "ALLOWED_GUILDS stands twice in .env (lines 3 and 9): keep one.",
        "KEY_CREDITS_PER_DAY stands 3 times in .env (lines 4, 10 and 12): keep one.",
    ]
    assert not caught.value.passing


def test_an_empty_line_of_the_example_may_stay_above_the_one_that_was_filled_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    dotenv = tmp_path / ".env"
    filled = "\n".join(f"{name}={value}" for name, value in REQUIRED.items())
    dotenv.write_text(
        f"{(ROOT / '.env.example').read_text(encoding='utf-8')}\nALLOWED_GUILDS=# yours\n{filled}\n"
    )
    assert load_settings(read_environment(dotenv)).discord_token == TOKEN
    dotenv.write_text(f"{filled}\nALLOWED_GUILDS=\n")
    with pytest.raises(SettingsError, match=r"^ALLOWED_GUILDS stands twice in \.env \(lines 3 and 4\)"):
        load_settings(read_environment(dotenv))


def test_maintenance_heeds_a_name_that_stands_twice_if_it_goes_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATA_DIR", raising=False)
    dotenv = tmp_path / ".env"
    dotenv.write_text("DATA_DIR=/srv/a\nLOG_LEVEL=INFO\nLOG_LEVEL=DEBUG\n")
    assert load_kept(read_environment(dotenv)).data_dir == Path("/srv/a")
    dotenv.write_text("DATA_DIR=/srv/a\nDATA_DIR=/srv/b\n")
    with pytest.raises(SettingsError, match=r"DATA_DIR stands twice in \.env \(lines 1 and 2\): keep one"):
        load_kept(read_environment(dotenv))


def test_the_file_is_taken_as_it_stands_there_as_container_runtimes_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    (tmp_path / ".env").write_text(
        "OPERATOR_CONTACT=costs ${HOME} $5\nexport PRIVACY_URL=https://x/${nobody}\n"
    )
    read = read_environment(tmp_path / ".env")
    assert (read["OPERATOR_CONTACT"], read["PRIVACY_URL"]) == ("costs ${HOME} $5", "https://x/${nobody}")


def test_what_is_wrong_for_now_only_is_worth_another_start_and_what_else_is_wrong_is_not() -> None:
    held = {"DATA_DIR": Obstacle("/srv is in use", passing=True)}
    for log_level, passing in (("INFO", True), ("LOUD", False)):
        with pytest.raises(SettingsError) as caught:
            load_settings({**REQUIRED, "LOG_LEVEL": log_level}, look=lambda _: held)
        assert "DATA_DIR /srv is in use." in caught.value.problems
        assert caught.value.passing is passing


@pytest.mark.parametrize(
    ("values", "obstacle", "advice"),
    [
        ({"ALLOWED_GUILDS": ""}, None, FILL_IN),
        ({"ALLOWED_GUILDS": "", "LOG_LEVEL": "LOUD"}, "holds other things", FILL_IN),
        ({"DATABASE_URL": "postgresql://db/darkroom"}, None, FILL_IN),
        ({"LOG_LEVEL": "LOUD"}, "holds other things", LOOK_UP),
        ({"LOG_LEVEL": "LOUD"}, None, LOOK_UP),
        ({}, "holds other things", ""),
    ],
)
def test_where_to_read_on_is_said_of_settings_and_of_nothing_that_only_this_machine_has_against_them(
    values: dict[str, str], obstacle: str | None, advice: str
) -> None:
    held = {"DATA_DIR": Obstacle(f"/srv {obstacle}", passing=False) if obstacle else None}
    given = {name: value for name, value in {**REQUIRED, **values}.items() if value}
    with pytest.raises(SettingsError) as caught:
        load_settings(given, look=lambda _: held)
    assert caught.value.advice == advice


def test_what_is_in_use_or_not_installed_says_nothing_of_where_to_read_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = {"DATA_DIR": Obstacle("/srv is in use", passing=True)}
    with pytest.raises(SettingsError) as caught:
        load_settings(REQUIRED, look=lambda _: held)
    assert caught.value.advice == ""
    monkeypatch.setattr("config.settings.find_spec", lambda _: None)
    with pytest.raises(SettingsError) as caught:
        load(**SHARED)
    assert "needs psycopg" in caught.value.problems[0]
    assert caught.value.advice == ""


def test_0_may_be_given_where_it_switches_off_and_nowhere_else() -> None:
    assert (load(ACCOUNT_DAYS="0").account_days, load(JOINED_MINUTES="0").joined_minutes) == (0, 0)
    (said,) = problems(ACCOUNT_DAYS="-1")
    assert said == "ACCOUNT_DAYS must be a whole number from 0 to 999999999, not '-1'."
    (said,) = problems(WEBHOOK_LISTEN="127.0.0.1:0")
    assert said == "WEBHOOK_LISTEN must be host:port with a port from 1 to 65535, not '127.0.0.1:0'."


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STORAGE_LIMIT_MB", "99999999999", "a whole number from 1 to 999999999, not '99999999999'."),
        ("ACCOUNT_DAYS", "9999999999", "a whole number from 0 to 999999999, not '9999999999'."),
        ("PIXELDOJO_API_URL", "https://pixeldojo..ai/api", "an address whose host and port there can be."),
        ("PIXELDOJO_API_URL", "https:/pixeldojo.ai/api", "an address whose host and port there can be."),
        ("PIXELDOJO_API_URL", "https://me@pixeldojo.ai", "an http or https address without a user name."),
        ("PIXELDOJO_API_URL", "ftp://pixeldojo.ai/api", "an http or https address without a user name."),
        (
            "KEY_CREDITS_PER_DAY",
            "none",
            "unlimited, or a number of credits from 0 to 999999999999, not 'none'.",
        ),
        (
            "DEFAULT_MEMBER_CREDITS",
            "-1",
            "unlimited, or a number of credits from 0 to 999999999999, not '-1'.",
        ),
        (
            "DEFAULT_SERVER_CREDITS",
            "1e12",
            "unlimited, or a number of credits from 0 to 999999999999, not '1e12'.",
        ),
        ("LOW_BALANCE_CREDITS", "unlimited", "a number of credits from 0 to 999999999999, not 'unlimited'."),
    ],
)
def test_what_is_said_of_a_wrong_value_is_not_so_of_it(name: str, value: str, said: str) -> None:
    assert problems(**{name: value}) == [f"{name} must be {said}"]


def test_maintenance_needs_the_folder_only_and_no_near_name_for_it() -> None:
    assert load_kept({}).data_dir == ROOT / "data"
    kept = load_kept({"DATA_DIR": "/var/lib/darkroom", "LOG_LEVEL": "LOUD"})
    assert (kept.data_dir, kept.database_url) == (Path("/var/lib/darkroom"), None)
    with pytest.raises(SettingsError, match="DATADIR is no setting"):
        load_kept(Environment({"DATADIR": "/var/lib/darkroom"}, written=frozenset({"DATADIR"})))
    # Somebody's environment, and the other settings of the file, are none of maintenance's business.
    assert load_kept(Environment({"DATADIR": "/srv"}, written=frozenset(NAMES) - {"DATA_DIR"}))


def test_a_folder_is_found_beside_the_program_or_at_home_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/home/ann")
    assert load(DATA_DIR="kept/here").data_dir == ROOT / "kept" / "here"
    assert load(DATA_DIR="~/darkroom-data").data_dir == Path("/home/ann/darkroom-data")
    assert resolved("/srv") == Path("/srv")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_file_that_is_not_utf_8_is_said_to_be(tmp_path: Path, encoding: str) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_bytes("DATA_DIR=/srv/größe\r\n".encode(encoding))
    with pytest.raises(SettingsError, match=r"\.env is not UTF-8: save it as UTF-8\."):
        read_environment(dotenv)


def test_a_mark_that_some_editors_put_before_utf_8_is_no_part_of_a_name(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("DATA_DIR=/srv\r\n", encoding="utf-8-sig")
    assert read_environment(dotenv)["DATA_DIR"] == "/srv"


def test_a_file_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        read_environment(tmp_path / ".env")


def test_quotes_that_a_container_runtime_keeps_are_taken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"DISCORD_TOKEN": '"abc.def"', "PIXELDOJO_API_KEY": "'pd_x'", "LOG_LEVEL": '""', "DATA_DIR": '"'}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    values = read_environment(tmp_path / ".env")
    assert (values["DISCORD_TOKEN"], values["PIXELDOJO_API_KEY"]) == ("abc.def", "pd_x")
    assert "LOG_LEVEL" not in values
    assert values["DATA_DIR"] == '"'


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("400 # a note", "400"),
        ("400\t# a note", "400"),
        ("'400' # a note", "400"),
        ('"400"   # a "note"', "400"),
        ("400#5", "400#5"),
        ("# a note", None),
        ('"" # a note', None),
        ("'a # b'", "a # b"),
    ],
)
def test_a_note_that_systemd_and_container_runtimes_keep_is_taken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, meant: str | None
) -> None:
    monkeypatch.setenv("KEY_CREDITS_PER_DAY", given)
    assert read_environment(tmp_path / ".env").get("KEY_CREDITS_PER_DAY") == meant


def test_what_a_note_leaves_is_the_same_from_the_file_and_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {"A": "x # note", "B": "'x' # note", "C": '"x # y"', "D": "# note", "E": "x#y", "F": ""}
    (tmp_path / ".env").write_text("".join(f"NOTED_{name}={line}\n" for name, line in lines.items()))
    written = {name: value for name, value in read_environment(tmp_path / ".env").items() if "NOTED_" in name}
    for name, line in lines.items():
        monkeypatch.setenv(f"NOTED_{name}", line)
    given = {name: value for name, value in read_environment(tmp_path / "none").items() if "NOTED_" in name}
    assert (
        given
        == written
        == {f"NOTED_{name}": value for name, value in (("A", "x"), ("B", "x"), ("C", "x # y"), ("E", "x#y"))}
    )


def test_a_channel_where_members_may_ask_is_no_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPERATOR_CONTACT", "ask in #help")
    assert read_environment(tmp_path / ".env")["OPERATOR_CONTACT"] == "ask in #help"
    monkeypatch.setenv("OPERATOR_CONTACT", '"#help"')
    assert read_environment(tmp_path / ".env")["OPERATOR_CONTACT"] == "#help"


PYTHONS_OWN = (
    "the limit",
    "digits",
    "Port",
    "IPv6",
    "cast",
    "literal",
    "base 10",
    "codec",
    "NFKC",
    "Errno",
    "None",
)
"""Words of the sentences in which Python says what it did."""


@pytest.mark.parametrize(
    "value", ["9" * 5_000, "0" * 18 + "9" * 5_000, "-" + "9" * 5_000, "1e" + "9" * 5_000, "٣"]
)
@pytest.mark.parametrize(
    "name", sorted({*NAMES} - {*SECRETS, "OPERATOR_CONTACT", "DATA_DIR", "ERASURE_SECRET"})
)
def test_a_number_of_too_many_digits_is_said_in_our_words_and_not_repeated_whole(
    name: str, value: str
) -> None:
    for problem in _problems_of(name, value):
        assert len(problem) < 250
        assert not [word for word in PYTHONS_OWN if word in problem], problem


@pytest.mark.parametrize(
    "value",
    [
        *(
            "https://a:99999",
            "https://a:port",
            "https://a:-1",
            "https://[::1",
            "https://[zz]:1",
            "https://a]b",
        ),
        *("https://" + "a" * 70 + ".example", "https://a\u2100b", "postgresql://u:p@h:port/d", "s3://[b"),
        *(
            "localhost:99999",
            "a..b:80",
            "a" * 70 + ":80",
            "[::1:80",
            "h:" + "9" * 5_000,
            "hö:80",
            "\udcff:80",
        ),
    ],
)
@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(("_URL", "_URLS", "_LISTEN"))])
def test_an_address_that_makes_no_sense_is_said_in_our_words(name: str, value: str) -> None:
    for problem in _problems_of(name, value):
        assert not [word for word in PYTHONS_OWN if word in problem], problem
        problem.encode()


def _problems_of(name: str, value: str) -> list[str]:
    try:
        load_settings({**REQUIRED, name: value})
    except SettingsError as error:
        return error.problems
    return []


def test_what_this_machine_has_against_settings_is_listed_with_the_rest_but_not_twice() -> None:
    values = {**REQUIRED, "LOG_LEVEL": "LOUD", "WEBHOOK_LISTEN": "8090", "DATA_DIR": "/srv/darkroom"}
    obstacles = {
        "DATA_DIR": Obstacle("/srv/darkroom is in use", passing=True),
        "WEBHOOK_LISTEN": Obstacle("is taken", passing=True),
        "LOG_LEVEL": None,
    }
    with pytest.raises(SettingsError) as caught:
        load_settings(values, look=lambda settings: obstacles)
    assert sorted(problem.split()[0] for problem in caught.value.problems) == [
        "DATA_DIR",
        "LOG_LEVEL",
        "WEBHOOK_LISTEN",
    ]
    assert "DATA_DIR /srv/darkroom is in use." in caught.value.problems


@pytest.mark.parametrize(
    ("values", "asked"),
    [
        ({}, None),
        ({"WEBHOOK_LISTEN": "0.0.0.0:1"}, ("0.0.0.0", 1)),
        ({"PIXELDOJO_WEBHOOK_URL": "https://bot.example/hooks"}, ("127.0.0.1", 8090)),
    ],
)
def test_whoever_asks_whether_it_is_well_asks_where_it_listens(
    values: dict[str, str], asked: tuple[str, int] | None
) -> None:
    assert load_listen(values) == asked
    assert load_settings({**REQUIRED, **values}).listens is (asked is not None)


@pytest.mark.parametrize(("mode", "open_to_others"), [(0o600, False), (0o640, True), (0o644, True)])
def test_secrets_that_others_may_read_are_noticed(tmp_path: Path, mode: int, open_to_others: bool) -> None:
    dotenv = tmp_path / ".env"
    dotenv.touch(mode)
    dotenv.chmod(mode)
    assert readable_by_others(dotenv) is open_to_others


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
@pytest.mark.parametrize(("mode", "open_to_others"), [(0o640, False), (0o644, True)])
def test_a_file_of_somebody_elses_may_be_open_to_the_group_by_which_it_is_read(
    tmp_path: Path, mode: int, open_to_others: bool
) -> None:
    dotenv = tmp_path / ".env"
    dotenv.touch()
    os.chown(dotenv, 12345, -1)
    dotenv.chmod(mode)
    assert readable_by_others(dotenv) is open_to_others


def test_no_file_is_open_to_nobody(tmp_path: Path) -> None:
    assert not readable_by_others(tmp_path / ".env")


@pytest.mark.parametrize(
    ("listen", "url", "openly"),
    [
        ("0.0.0.0:8090", "http://bot.example/hooks", True),
        ("[::]:8090", "http://bot.example/hooks", True),
        ("bot.example:8090", "http://bot.example/hooks", True),
        ("0.0.0.0:8090", "https://bot.example/hooks", False),
        ("127.0.0.1:8090", "http://bot.example/hooks", False),
        ("[::1]:8090", "http://bot.example/hooks", False),
        ("localhost:8090", "http://bot.example/hooks", False),
    ],
)
def test_listening_to_other_machines_without_tls_is_noticed(listen: str, url: str, openly: bool) -> None:
    assert load(WEBHOOK_LISTEN=listen, PIXELDOJO_WEBHOOK_URL=url).listens_openly is openly


def test_it_listens_where_there_is_something_to_hear_or_where_it_is_told_to() -> None:
    assert not load().listens
    assert load(PIXELDOJO_WEBHOOK_URL="https://bot.example/hooks").listens
    checked = load(WEBHOOK_LISTEN="0.0.0.0:8090")
    assert checked.listens
    assert not checked.listens_openly


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


@pytest.mark.usefixtures("quiet_root")
def test_a_librarys_traceback_is_one_line_and_our_own_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    set_up_logging(load())
    try:
        (_ for _ in ()).throw(ConnectionResetError(f"cut\noff at {KEY}"))
    except ConnectionResetError:
        logging.getLogger("discord.client").exception("Attempting a reconnect\nin %.2fs", 1.5)
        logging.getLogger("jobs.engine").exception("ours")
    theirs, *ours = written.getvalue().splitlines()
    assert (
        "discord.client: Attempting a reconnect in 1.50s (ConnectionResetError: cut off at … at test_config.py:"
        in (theirs)
    )
    assert "Traceback (most recent call last):" in ours
