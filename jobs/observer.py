"""What replies say of the provider's request limit, passed on to the scheduler."""

from collections.abc import Callable

from pixeldojo.limits import RateLimit
from scheduling.scheduler import Scheduler


def limit_observer(scheduler: Scheduler) -> Callable[[RateLimit], None]:
    """Return what tells the scheduler of the request limit after each reply."""

    def observe(told: RateLimit) -> None:
        scheduler.observe(
            limit=told.limit,
            remaining=told.remaining,
            reset_at=told.reset_at,
            retry_after=told.retry_after,
            refused=told.refused,
        )

    return observe
