"""Why something was refused or failed: one key per sentence; the sentences are in ``ui/texts.py``.

Exception
├── Refusal      said to the member in one sentence; nothing was stored, held or paid
└── OutOfReach   what is stored cannot be had or written; the message is one sentence for the operator
"""

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """The key of a sentence for members. Stored in ``jobs.failure`` when a job ends with it."""

    # Before a job exists
    PROMPT_BLANK = "prompt_blank"
    PROMPT_TOO_SHORT = "prompt_too_short"
    PROMPT_TOO_LONG = "prompt_too_long"
    STYLED_TOO_LONG = "styled_too_long"
    NO_IMAGE = "no_image"
    NO_IMAGE_THERE = "no_image_there"
    NO_RESULT_THERE = "no_result_there"
    TOO_MANY_IMAGES = "too_many_images"
    TRANSPARENT_JPEG = "transparent_jpeg"
    OPTION_UNSUPPORTED = "option_unsupported"
    STYLE_UNKNOWN = "style_unknown"
    STYLE_TAKEN = "style_taken"
    STYLE_NAME = "style_name"
    STYLE_TEXT = "style_text"
    STYLE_EMOJI = "style_emoji"
    STYLE_NOT_ALLOWED = "style_not_allowed"
    STYLES_FULL = "styles_full"
    OPTION_INVALID = "option_invalid"
    VALUE_NOT_TAKEN = "value_not_taken"
    SOURCES_BEYOND = "sources_beyond"
    NO_MODELS = "no_models"
    NO_MODEL = "no_model"
    DIRECT_MESSAGE = "direct_message"
    USER_INSTALL = "user_install"
    NOT_IN_SERVER = "not_in_server"
    GUILD_NOT_ALLOWED = "guild_not_allowed"
    OTHER_CHANNELS = "other_channels"
    MISSING_PERMISSION = "missing_permission"
    MEMBER_MAY_NOT = "member_may_not"
    MANAGERS_GIVE = "managers_give"
    NOT_THE_OPERATOR = "not_the_operator"
    URL_NOT_ALLOWED = "url_not_allowed"
    ALLOWANCE_SPENT = "allowance_spent"
    BLOCKED = "blocked"
    KEY_SPENT = "key_spent"
    BEYOND_KEY = "beyond_key"
    ACCOUNT_TOO_NEW = "account_too_new"
    JOINED_JUST_NOW = "joined_just_now"
    PAUSED = "paused"
    MEMBER_BLOCKED = "member_blocked"
    SERVER_BLOCKED = "server_blocked"
    BLOCKED_HERE = "blocked_here"
    SAFETY_PAUSE = "safety_pause"
    SHUTTING_DOWN = "shutting_down"
    QUEUE_FULL = "queue_full"
    SOURCES_NOT_KEPT = "sources_not_kept"
    PROMPT_NOT_KEPT = "prompt_not_kept"
    SOURCE_WITHDRAWN = "source_withdrawn"
    NOT_SHARED = "not_shared"
    OWN_IMAGES_ONLY = "own_images_only"
    WORDS_NOT_ALLOWED = "words_not_allowed"
    AGE_RESTRICTED_ONLY = "age_restricted_only"
    BEING_ERASED = "being_erased"
    EXPORTED = "exported"
    NOT_FOUND = "not_found"
    NOT_YOURS = "not_yours"
    TOO_LATE = "too_late"
    NOT_FINISHED = "not_finished"
    ONE_OF_EACH = "one_of_each"
    TOO_SOON = "too_soon"
    TOO_SLOW = "too_slow"
    JUST_ASKED = "just_asked"
    TOO_LARGE_TO_HAND_OUT = "too_large_to_hand_out"
    FORM_UNKNOWN = "form_unknown"
    FORM_EXPIRED = "form_expired"
    MODEL_NEVER_USED = "model_never_used"
    STORAGE_FULL = "storage_full"
    # A source that is not what it should be
    NOT_AN_IMAGE = "not_an_image"
    WRONG_TYPE = "wrong_type"
    TRUNCATED = "truncated"
    ANIMATED = "animated"
    VIDEO = "video"
    CAMERA_RAW = "camera_raw"
    JPEG_XL = "jpeg_xl"
    TOO_HARD = "too_hard"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    BAD_MASK = "bad_mask"
    SOURCE_GONE = "source_gone"
    SOURCE_UNREACHABLE = "source_unreachable"
    # The provider
    MODERATED = "moderated"
    BAD_INPUT = "bad_input"
    OUT_OF_CREDITS = "out_of_credits"
    INVALID_KEY = "invalid_key"
    MODEL_GONE = "model_gone"
    PRICE_ROSE = "price_rose"
    PROVIDER_TROUBLE = "provider_trouble"
    NO_IMAGES = "no_images"
    TIMED_OUT = "timed_out"
    NEVER_ANSWERED = "never_answered"
    RESULT_GONE = "result_gone"
    CANCELLED = "cancelled"
    INTERNAL = "internal"


class Refusal(Exception):
    """Something that a member asked for is refused, at no cost.

    ``values`` fill the sentence's blanks: credits are thousandths, times Unix milliseconds.
    """

    def __init__(self, reason: Reason, **values: str | int) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.values: Mapping[str, str | int] = values


class OutOfReach(Exception):
    """What is stored cannot be had or written; the message is one sentence for the operator."""
