"""Everything that can go wrong with a submission, by the name under which a switch asks for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """How one submission goes wrong.

    ``booked``: whether the job exists and is charged all the same. ``reply``: what happens to the HTTP
    reply (an action of ``mischief``). ``error``: which plain refusal is given instead. ``job``: how the
    job ends. ``result``: what happens to whoever fetches the result (again an action of ``mischief``).
    """

    booked: bool = True
    reply: str = "none"
    error: str = ""
    job: str = "completed"
    result: str = "none"


def _unbooked(reply: str) -> Fault:
    return Fault(booked=False, reply=reply)


_STATUSES = (500, 502, 503, 504)

FAULTS: dict[str, Fault] = {
    "ok": Fault(),
    # Refusals: nothing is booked.
    "refuse": Fault(booked=False, error="refuse"),
    "no_credits": Fault(booked=False, error="no_credits"),
    "model_gone": Fault(booked=False, error="model_gone"),
    "rate_limited": _unbooked("rate_limited"),
    "rate_limited_bare": _unbooked("rate_limited_bare"),
    "html": _unbooked("html"),
    **{f"error_{status}": _unbooked(f"error_{status}") for status in _STATUSES},
    # The request does not arrive, or arrives at nobody.
    "lose_request": _unbooked("reset_before"),
    "silence_unbooked": _unbooked("silence"),
    # The job is booked and runs, but its reply is lost or spoilt.
    "lose_reply": Fault(reply="reset_after"),
    "silence": Fault(reply="silence"),
    "cut_reply": Fault(reply="cut_body"),
    "drip_reply": Fault(reply="drip"),
    "unfinished_reply": Fault(reply="unfinished"),
    "empty_reply": Fault(reply="empty"),
    "html_reply": Fault(reply="html_ok"),
    "wrong_json": Fault(reply="wrong_json"),
    "truncated_json": Fault(reply="truncated_json"),
    **{f"booked_{status}": Fault(reply=f"error_{status}") for status in _STATUSES},
    # The job itself.
    "fail": Fault(job="failed"),
    "moderated": Fault(job="moderated"),
    "cancelled": Fault(job="cancelled"),
    "expired": Fault(job="expired"),
    "slow": Fault(job="slow"),
    "stuck": Fault(job="stuck"),
    "vanish": Fault(job="vanish"),
    "no_images": Fault(job="no_images"),
    "fewer_images": Fault(job="fewer_images"),
    # Its results.
    "missing_result": Fault(result="missing"),
    "forbidden_result": Fault(result="forbidden"),
    "foreign_result": Fault(job="foreign_result"),
    "redirect_result": Fault(result="redirect"),
    "huge_result": Fault(result="huge"),
    "endless_result": Fault(result="endless"),
    "not_an_image": Fault(result="not_an_image"),
    "image_bomb": Fault(result="image_bomb"),
    "html_result": Fault(result="html_ok"),
    "empty_result": Fault(result="empty"),
    "cut_result": Fault(result="cut_body"),
    "drip_result": Fault(result="drip"),
    "silent_result": Fault(result="silence"),
    "reset_result": Fault(result="reset_before"),
    **{f"result_{status}": Fault(result=f"error_{status}") for status in _STATUSES},
}
