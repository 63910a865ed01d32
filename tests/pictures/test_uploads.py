from hypothesis import given
from hypothesis import strategies as st

from domain.limits import FILES_PER_MESSAGE, MIB, REQUEST_BYTES
from pictures.uploads import ENVELOPE_BYTES, plan_uploads


def test_what_fits_goes_on_the_card() -> None:
    plan = plan_uploads([MIB] * 4, per_file=10 * MIB, card_files=1, card_bytes=400_000)
    assert plan.messages == ((0, 1, 2, 3),)
    assert plan.too_large == ()


def test_what_does_not_fit_one_request_goes_on_in_the_next() -> None:
    plan = plan_uploads([9 * MIB] * 4, per_file=10 * MIB)
    assert plan.messages == ((0, 1), (2, 3))


def test_a_message_takes_ten_files_the_sheet_among_them() -> None:
    plan = plan_uploads([1] * 12, per_file=10, card_files=1)
    assert [len(message) for message in plan.messages] == [9, 3]


def test_a_file_that_no_message_takes_is_named() -> None:
    plan = plan_uploads([1, 11 * MIB, 2], per_file=10 * MIB)
    assert plan.messages == ((0, 2),)
    assert plan.too_large == (1,)
    assert plan_uploads([26 * MIB], per_file=100 * MIB).too_large == (0,)


def test_there_is_a_card_even_with_nothing_on_it() -> None:
    assert plan_uploads([], per_file=MIB).messages == ((),)
    assert plan_uploads([MIB], per_file=1).messages == ((),)


def test_a_full_card_leaves_all_files_to_the_next_message() -> None:
    plan = plan_uploads([2 * MIB], per_file=10 * MIB, per_request=3 * MIB, card_files=1, card_bytes=MIB)
    assert plan.messages == ((), (0,))


@given(
    st.lists(st.integers(0, 12 * MIB), max_size=20),
    st.integers(1, 12 * MIB),
    st.integers(0, 3),
    st.integers(0, MIB),
)
def test_every_file_goes_once_and_in_order_and_no_request_is_too_large(
    sizes: list[int], per_file: int, card_files: int, card_bytes: int
) -> None:
    plan = plan_uploads(sizes, per_file=per_file, card_files=card_files, card_bytes=card_bytes)
    sent = [position for message in plan.messages for position in message]
    assert sent == sorted(sent)
    assert sorted([*sent, *plan.too_large]) == list(range(len(sizes)))
    for number, message in enumerate(plan.messages):
        own_files, own_bytes = (card_files, card_bytes) if number == 0 else (0, 0)
        assert own_files + len(message) <= FILES_PER_MESSAGE
        assert own_bytes + sum(sizes[at] for at in message) <= REQUEST_BYTES - ENVELOPE_BYTES
        assert number == 0 or message
