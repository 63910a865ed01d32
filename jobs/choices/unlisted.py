"""Names of the settings that the provider's list does not have: who wrote them is told."""

import logging
from collections.abc import Callable, Mapping, Sequence

from domain.job import Kind
from domain.model_order import ALL_OTHERS, ModelOrder
from jobs.delivery.ports import Operator
from pixeldojo.catalogue import Catalogue

log = logging.getLogger(__name__)

SETTINGS: Mapping[Kind, str] = {Kind.EDIT: "PIXELDOJO_MODELS", Kind.GENERATE: "PIXELDOJO_GENERATE_MODELS"}
"""Which setting decides what is on offer."""


class Unlisted:
    """Tells of each state of things once a run."""

    def __init__(self, *, operator: Operator) -> None:
        self._operator = operator
        self._told: dict[Kind, tuple[bool, tuple[str, ...]]] = {}

    async def look(
        self, orders: Mapping[Kind, ModelOrder], listed: Catalogue, *, usable: Callable[[Kind], Sequence[str]]
    ) -> None:
        """Compare the settings with the list; ``usable`` says what can be offered by both."""
        for kind, order in orders.items():
            missing = tuple(name for name in order.names if listed.find(name) is None)
            await self._tell(kind, order, missing, offered=bool(usable(kind)))

    async def _tell(self, kind: Kind, order: ModelOrder, missing: tuple[str, ...], *, offered: bool) -> None:
        state, told = (offered, missing), True
        if state == self._told.get(kind, (True, ())):
            return
        shown = ", ".join(missing or order.names) or ALL_OTHERS
        if not offered:
            told = await self._operator.warn("none_listed", setting=SETTINGS[kind], model=shown)
        elif missing:
            log.warning("%s names what is not on PixelDojo's list: %s.", SETTINGS[kind], shown)
        if told:
            self._told[kind] = state
