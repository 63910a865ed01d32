"""``--status`` where there is nothing to tell, or nobody may ask."""

from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from assembly.endings import UNAVAILABLE
from assembly.status import tell_of_processes
from storage.engines.postgres_schema import migrate
from storage.errors import Away, Unusable


def test_before_the_first_bot_ran_nobody_works(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tell_of_processes(postgres_url, data_dir=tmp_path) == UNAVAILABLE
    assert capsys.readouterr().out == "Nobody works.\n"


def test_who_may_not_ask_is_not_told_that_it_goes_by(postgres_url: str, tmp_path: Path) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        migrate(admin)
        admin.execute("CREATE ROLE stranger; GRANT USAGE ON SCHEMA public TO stranger")
        stranger = make_conninfo(postgres_url, options="-c role=stranger")
        try:
            with pytest.raises(Unusable, match=r"^The database cannot be used: permission denied") as refused:
                tell_of_processes(stranger, data_dir=tmp_path)
            assert not isinstance(refused.value, Away)
        finally:
            admin.execute("DROP OWNED BY stranger; DROP ROLE stranger")
