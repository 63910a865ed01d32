"""Members read words of theirs: no name that only the house uses, no raw id of a model, no raw size."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from discord import ui

from domain.errors import Reason, Refusal
from domain.job import Job, Rung, Status
from domain.options import Options
from domain.views import CardView, Successor
from tests.ui.views import a_job, labels, texts
from ui.cards import build_card
from ui.choices import model_name
from ui.job_list import line
from ui.texts import TEXTS, say

ROOT = Path(__file__).parents[2]
OURS = re.compile(
    r"\b(providers?|operators?|parked|drifts?|cards?|held|ledger|surrogate|result_gone|rungs?|unknown)\b"
    r"|gpt-image-|\b\d+x\d+\b|\bsize \d",
    re.IGNORECASE,
)
FOR_THE_OPERATOR = {
    ("ui", "operator_texts.py", ""),
    ("ui", "announcements.py", "_refusals"),
    ("ui", "block_texts.py", "overview_text"),
    ("ui", "reports.py", "operator_text"),
    ("cogs", "operator.py", ""),
}
"""What members never see: a file of a folder, or one function of it."""
NO_TEXT = re.compile(r"[a-z_.:-]+|[^a-zA-Z]*|\d+x\d+")
"""Ids of buttons, keys, punctuation, values that Discord hands back to us."""


def spoken(path: Path) -> Iterator[tuple[int, str]]:
    """Yield what a file may say: its strings but docstrings, log lines and the operator's."""
    tree = ast.parse(path.read_text())
    silent = set[int]()
    for node in ast.walk(tree):
        whole = (
            isinstance(node, ast.FunctionDef) and (path.parent.name, path.name, node.name) in FOR_THE_OPERATOR
        )
        logged = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
        if whole or logged or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            silent.update(id(each) for each in ast.walk(node))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.lineno, node.value


def test_no_text_for_members_uses_a_word_of_the_house() -> None:
    files = [path for folder in ("ui", "cogs", "adapters") for path in sorted((ROOT / folder).glob("*.py"))]
    found = [
        f"{path.parent.name}/{path.name}:{number}: {text}"
        for path in files
        if (path.parent.name, path.name, "") not in FOR_THE_OPERATOR
        for number, text in spoken(path)
        if not NO_TEXT.fullmatch(text) and not text.startswith("dr:") and OURS.search(text)
    ]
    assert found == []


@pytest.mark.parametrize("reason", TEXTS)
def test_no_refusal_names_a_model_as_the_image_service_does(reason: Reason) -> None:
    said = say(
        Refusal(
            reason, model="gpt-image-1-5-edit", option="size", value="1536x1024", blocked="operator_member"
        )
    )
    assert not OURS.search(said), said


ALL_OPTIONS = [
    Options(**{name: value})
    for name, values in {
        "size": ("auto", "1024x1024", "1536x1024", "1024x1536"),
        "background": ("auto", "transparent", "opaque"),
        "quality": ("low", "medium", "high"),
        "fidelity": ("low", "high"),
        "format": ("png", "jpeg", "webp"),
    }.items()
    for value in values
]


def every_card() -> Iterator[CardView]:
    for status in Status:
        yield view(a_job(status))
    for options in ALL_OPTIONS:
        yield view(a_job(options=options))
    for reason in Reason:
        failed = view(a_job(Status.FAILED, failure=reason))
        yield failed
    for rung in Rung:
        job = a_job(card_channel_id=5, card_id=7, rung=rung)
        for collected in (True, False):
            moved = a_job(card_channel_id=5, card_id=7, rung=rung, collected=collected)
            yield CardView(job=moved, elsewhere=True, moved_to=None if rung is Rung.KEPT else (6, 8))
        yield CardView(job=job, direct=rung is Rung.DIRECT, instead_of="gpt-image-1")


def view(job: Job) -> CardView:
    successor = Successor(
        model="gpt-image-2-edit", cost=4_000, lacking=("fidelity", "background"), options=Options()
    )
    return CardView(job=job, successor=successor)


def test_no_card_uses_a_word_of_the_house() -> None:
    for view in every_card():
        layout: ui.LayoutView = build_card(view)
        said = "\n".join([texts(layout), *labels(layout), line(view.job)])
        said = re.sub(r"https://\S+|<@!?\d+>", "", said)
        assert not OURS.search(said), said


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-image-1-5-edit", "GPT-Image 1.5"),
        ("gpt-image-2", "GPT-Image 2"),
        ("qwen-image-2-edit", "Qwen Image 2"),
        ("p-image-edit", "P-Image"),
        ("atelier-edit", "atelier-edit"),
    ],
)
def test_a_model_is_called_as_people_call_it(model: str, name: str) -> None:
    assert model_name(model) == name
