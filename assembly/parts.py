"""The work of ``jobs``, wired around whatever it touches: the real things, or a test's own."""

from collections.abc import Awaitable, Callable
from functools import cached_property, partial

from accounts.allowances import Ceilings
from assembly.choosing import Choosing
from assembly.leaving import Leaving
from assembly.outside import Outside
from config.settings import Settings
from jobs.accept import Acceptance
from jobs.ages import Ages
from jobs.asking.fetcher import Fetcher
from jobs.asking.reconcile import Reconciler
from jobs.asking.tracker import Tracker
from jobs.choices.model_health import ModelHealth
from jobs.choices.models import Models
from jobs.delivery.cards import Cards
from jobs.delivery.deliverer import Deliverer
from jobs.delivery.ladder import Ladder
from jobs.delivery.logbook import Logbook
from jobs.delivery.packer import Packer
from jobs.delivery.stale import StaleCards
from jobs.engine import ANSWERED, Engine
from jobs.follow_up import FollowUp
from jobs.intakes import Intakes
from jobs.keeping.archive import Archive
from jobs.life import Life
from jobs.prepare import Preparer
from jobs.publish import Publisher
from jobs.queue.forecast import Forecast
from jobs.queue.pace import Pace
from jobs.queue.slots import Slots
from jobs.room import Room
from jobs.storing import Storing
from jobs.submitter import Submitter
from jobs.tasks import Tasks
from scheduling.scheduler import Call
from scheduling.spacing import Spacing


class Parts:
    """The work, wired: each part is made once, when it is first asked for."""

    def __init__(self, settings: Settings, outside: Outside) -> None:
        self.settings = settings
        self.outside = outside
        self.database = outside.database
        self.clock = outside.clock
        self.files = outside.files
        self.scheduler = outside.scheduler
        self.tasks = Tasks()
        self.storing = Storing(operator=outside.operator, tasks=self.tasks)
        self.room = Room(database=self.database, files=self.files, storing=self.storing)
        self.spacing = Spacing(clock=self.clock)
        self.intakes = Intakes()
        self.ages = Ages(clock=self.clock)
        self.slots = Slots(
            in_flight=settings.max_jobs_in_flight,
            per_member=settings.max_jobs_per_member,
            pace=Pace(clock=self.clock, per_minute=settings.member_submits_per_minute),
        )
        self.ceilings = Ceilings(
            member=settings.member_ceiling,
            server=settings.server_ceiling,
            key=settings.key_ceiling,
            waiting=settings.max_waiting_per_member,
        )

    @cached_property
    def forecast(self) -> Forecast:
        """What cards say of starts and ends."""
        return Forecast(
            clock=self.clock,
            slots=self.slots,
            durations=self.outside.durations,
            submits_per_minute=self.settings.submits_per_minute,
            submits_in=self.scheduler.submits_in,
        )

    @cached_property
    def models(self) -> Models:
        return Models(
            client=self.outside.client,
            edit_models=self.settings.edit_models,
            generate_models=self.settings.generate_models,
            permit=partial(self.scheduler.permit, Call.CATALOGUE),
            health=ModelHealth(database=self.database, clock=self.clock),
            operator=self.outside.operator,
            clock=self.clock,
        )

    @cached_property
    def archive(self) -> Archive:
        return Archive(
            database=self.database,
            files=self.files,
            clock=self.clock,
            storing=self.storing,
            went=self.leaving.hurry,
        )

    @cached_property
    def leaving(self) -> Leaving:
        """What has to do with members' data that goes."""
        return Leaving(
            self.settings,
            database=self.database,
            clock=self.clock,
            files=self.files,
            still_at_work=self.outside.may_send,
            messenger=self.outside.messenger,
            stale=self.stale,
            withdrawn=lambda job: self.engine.withdrawn(job),  # noqa: PLW0108 - it runs what is made here
        )

    @cached_property
    def choosing(self) -> Choosing:
        """What members and servers chose."""
        return Choosing(database=self.database, models=self.models, clock=self.clock)

    @cached_property
    def ladder(self) -> Ladder:
        """The ways to a member."""
        return Ladder(messenger=self.outside.messenger, database=self.database, clock=self.clock)

    @cached_property
    def packer(self) -> Packer:
        """What fits on a message."""
        return Packer(files=self.files, pictures=self.outside.pictures, storing=self.storing)

    @cached_property
    def cards(self) -> Cards:
        return Cards(
            database=self.database,
            clock=self.clock,
            ladder=self.ladder,
            tasks=self.tasks,
            models=self.models,
            expect=self.forecast.said,
        )

    @cached_property
    def preparer(self) -> Preparer:
        """Sources, before a job waits for its turn."""
        return Preparer(
            database=self.database,
            clock=self.clock,
            files=self.files,
            pictures=self.outside.pictures,
            messenger=self.outside.messenger,
            storing=self.storing,
            spacing=self.spacing,
            cards=self.cards,
            intakes=self.intakes,
            publisher=self.publisher,
            fetch_source=self.outside.fetch_source,
        )

    @cached_property
    def publisher(self) -> Publisher:
        """Sources on their cards, for the provider."""
        return Publisher(
            database=self.database,
            clock=self.clock,
            files=self.files,
            pictures=self.outside.pictures,
            ladder=self.ladder,
            storing=self.storing,
            cards=self.cards,
            intakes=self.intakes,
        )

    @cached_property
    def follow_up(self) -> FollowUp:
        """What becomes of jobs whose model has ended."""
        return FollowUp(
            database=self.database,
            clock=self.clock,
            models=self.models,
            operator=self.outside.operator,
            cards=self.cards,
            tasks=self.tasks,
        )

    @cached_property
    def submitter(self) -> Submitter:
        return Submitter(
            database=self.database,
            clock=self.clock,
            client=self.outside.client,
            models=self.models,
            operator=self.outside.operator,
            storing=self.storing,
            room=self.room,
            tasks=self.tasks,
            slots=self.slots,
            cards=self.cards,
            preparer=self.preparer,
            publisher=self.publisher,
            follow_up=self.follow_up,
            ages=self.ages,
            ceilings=self.ceilings,
            webhook_url=self.settings.webhook_url,
            may_send=self.outside.may_send,
        )

    @cached_property
    def tracker(self) -> Tracker:
        return Tracker(
            database=self.database,
            clock=self.clock,
            client=self.outside.client,
            scheduler=self.scheduler,
            slots=self.slots,
            tasks=self.tasks,
            spacing=self.spacing,
            ages=self.ages,
            answers=self.models.refresh,
        )

    @cached_property
    def reconciler(self) -> Reconciler:
        """The search for parked jobs."""
        return Reconciler(
            database=self.database,
            clock=self.clock,
            client=self.outside.client,
            scheduler=self.scheduler,
            models=self.models,
            follow_up=self.follow_up,
            tasks=self.tasks,
            cards=self.cards,
            ages=self.ages,
            operator=self.outside.operator,
        )

    @cached_property
    def fetcher(self) -> Fetcher:
        return Fetcher(
            database=self.database,
            clock=self.clock,
            client=self.outside.client,
            files=self.files,
            pictures=self.outside.pictures,
            scheduler=self.scheduler,
            operator=self.outside.operator,
            room=self.room,
            spacing=self.spacing,
            tasks=self.tasks,
            follow_up=self.follow_up,
            ages=self.ages,
        )

    @cached_property
    def deliverer(self) -> Deliverer:
        return Deliverer(
            database=self.database,
            clock=self.clock,
            files=self.files,
            messenger=self.outside.messenger,
            ladder=self.ladder,
            spacing=self.spacing,
            cards=self.cards,
            packer=self.packer,
            logbook=Logbook(
                database=self.database,
                clock=self.clock,
                messenger=self.outside.messenger,
                packer=self.packer,
            ),
        )

    @cached_property
    def stale(self) -> StaleCards:
        """Cards that lag behind their jobs."""
        return StaleCards(
            database=self.database, clock=self.clock, messenger=self.outside.messenger, cards=self.cards
        )

    @cached_property
    def life(self) -> Life:
        """A job from its row to its end."""
        return Life(
            database=self.database,
            clock=self.clock,
            cards=self.cards,
            preparer=self.preparer,
            submitter=self.submitter,
            reconciler=self.reconciler,
            tracker=self.tracker,
            fetcher=self.fetcher,
            deliverer=self.deliverer,
            follow_up=self.follow_up,
            ages=self.ages,
        )

    @cached_property
    def engine(self) -> Engine:
        """What begins every life and runs for ever."""
        return Engine(
            database=self.database,
            clock=self.clock,
            tasks=self.tasks,
            scheduler=self.scheduler,
            spacing=self.spacing,
            slots=self.slots,
            intakes=self.intakes,
            forecast=self.forecast,
            cards=self.cards,
            models=self.models,
            reconciler=self.reconciler,
            life=self.life,
            settling=ANSWERED if self.outside.taken_over else 0,
            loops=self._loops,
        )

    @property
    def _loops(self) -> dict[str, Callable[[], Awaitable[None]]]:
        """What runs for ever, by name."""
        others = {"a glance at unknown jobs": self.reconciler.glance} if self.outside.taken_over else {}
        return {
            **others,
            "the scheduler": self.scheduler.run,
            "the tracker": self.tracker.run,
            "the search for unknown jobs": self.reconciler.run,
            "the catalogue": self.models.keep_fresh,
            "telling of models that end": self.follow_up.tell_of_ends,
            "the sweep of kept files": self.leaving.retention.run,
            "cards that lag": self.stale.run,
            "messages that go": self.leaving.takedowns.run,
            "members who are to be erased": self.leaving.eraser.run,
            "the end of tokens": self.leaving.retention.wipe_tokens,
        }

    @cached_property
    def acceptance(self) -> Acceptance:
        """Where a wish becomes a job."""
        return Acceptance(
            database=self.database,
            clock=self.clock,
            models=self.models,
            ceilings=self.ceilings,
            cdn_origins=self.settings.discord_cdn_urls,
            engine=self.engine,
            storing=self.storing,
        )
