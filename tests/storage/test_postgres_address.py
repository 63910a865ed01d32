"""What PostgreSQL's own library has against an address is found out before anything is connected to."""

from pathlib import Path

import pytest

from assembly.listening import obstacles
from config.problems import SettingsError
from config.settings import load_settings
from storage.engines.postgres_address import address_of, search_of, trouble_of
from storage.erasure_key import ErasureKey
from storage.errors import Passing, Unusable
from storage.postgres_store import postgres_target
from storage.turns.standby import who_works

PLACE = "postgresql://bot:correct@db.example/darkroom"
NEEDED = {"DISCORD_TOKEN": "t", "PIXELDOJO_API_KEY": "k", "ALLOWED_GUILDS": "1", "ERASURE_SECRET": "e" * 32}

wrong = pytest.mark.parametrize(
    ("options", "said"),
    [
        ("sslmode=verify", "has a value of sslmode that"),
        ("service=nobodys", "has a value of service that"),
        ("target_session_attrs=writable", "has a value of target_session_attrs that"),
        ("sslmode=require&channel_binding=yes", "has a value of channel_binding that"),
        ("gssencmode=perhaps", "has a value of gssencmode that"),
        ("ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2", "does not take together"),
        ("port=99999", "one port from 1 to 65535"),
        ("port=1,2", "one port from 1 to 65535"),
        ("sslmod=require", "options that PostgreSQL knows"),
        ("password=correct&horse=1", "options that PostgreSQL knows"),
    ],
)


@wrong
def test_what_no_server_is_needed_to_refuse_is_a_problem_of_the_settings(options: str, said: str) -> None:
    url = f"{PLACE}?{options}"
    with pytest.raises(SettingsError) as caught:
        load_settings({**NEEDED, "DATABASE_URL": url}, look=obstacles)
    assert not caught.value.passing
    (problem,) = [each for each in caught.value.problems if each.startswith("DATABASE_URL")]
    assert said in problem
    for part in ("correct", "horse", "nobodys", "99999"):
        assert part not in problem


@wrong
def test_maintenance_says_the_same(tmp_path: Path, options: str, said: str) -> None:
    key = ErasureKey(tmp_path, "secret")
    for ask in (address_of, who_works, lambda url: postgres_target(url, key).__enter__()):
        with pytest.raises(Unusable, match=said) as caught:
            ask(f"{PLACE}?{options}")
        assert not isinstance(caught.value, Passing)
        assert "correct" not in str(caught.value)


def test_what_the_environment_says_wrong_is_not_laid_to_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGSSLMODE", "verify")
    said = trouble_of(PLACE)
    assert said is not None
    assert "a variable PG… of the environment" in said
    assert trouble_of(f"{PLACE}?sslmode=require") is None


@pytest.mark.parametrize(
    "address",
    [
        PLACE,
        f"{PLACE}?sslmode=verify-full&sslrootcert=/nowhere/root.crt&connect_timeout=3",
        f"{PLACE}?gssencmode=require",
        "postgresql://bot:correct@one:5432,two:5433/darkroom?target_session_attrs=primary",
        "postgresql://one,two/darkroom?hostaddr=10.0.0.1,10.0.0.2&port=5433",
        "postgresql:///darkroom?host=/run/postgresql",
    ],
)
def test_whatever_may_lead_to_a_server_is_tried(address: str) -> None:
    assert trouble_of(address) is None


@pytest.mark.parametrize(
    ("address", "searched"),
    [
        (PLACE, {}),
        ("postgresql://one,two/darkroom", {"target_session_attrs": "read-write"}),
        ("postgresql:///darkroom?host=one,two", {"target_session_attrs": "read-write"}),
        ("postgresql://one,two/darkroom?target_session_attrs=primary", {}),
    ],
)
def test_of_several_hosts_the_one_that_takes_writes_is_looked_for(
    address: str, searched: dict[str, str]
) -> None:
    assert search_of(address) == searched
