"""Every sentence that members read when something is refused or fails, by key."""

from collections.abc import Callable, Mapping

from domain.credits import credits_text
from domain.errors import Reason, Refusal
from domain.limits import MAX_SOURCE_BYTES, MAX_SOURCES, MIB
from domain.text import counted
from ui.account_texts import ACCOUNT_FORMATS, ACCOUNT_TEXTS
from ui.choices import model_name, value_name
from ui.plain import moment, plain

FREE = "You were not charged."

TEXTS: Mapping[Reason, str] = {
    Reason.PROMPT_BLANK: "The prompt is empty. Say in a few words what you want.",
    Reason.PROMPT_TOO_SHORT: "A prompt needs {limit} characters or more. Say in a few words what you want.",
    Reason.PROMPT_TOO_LONG: "The prompt has {length} characters; at most {limit} fit. Shorten it.",
    Reason.STYLED_TOO_LONG: "The prompt has {length} characters, {own} of them the style’s; at most {limit} fit."
    " Shorten it.",
    Reason.NO_IMAGE: "There is no image to edit. Attach one, or use /generate to start from nothing.",
    Reason.NO_IMAGE_THERE: "That message has no image.",
    Reason.NO_RESULT_THERE: "That message is none of mine that shows a result. Choose one that does.",
    Reason.TOO_MANY_IMAGES: f"An edit takes at most {MAX_SOURCES} images. Leave some out.",
    Reason.TRANSPARENT_JPEG: "JPEG has no transparency. Choose PNG or WebP, or another background.",
    Reason.OPTION_UNSUPPORTED: "{model} has no option “{option}”. Leave it out or choose another model.",
    Reason.STYLE_UNKNOWN: "There is no style “{style}” in this server. Choose one that is offered, or leave it out.",
    Reason.STYLE_TAKEN: "There is a style “{style}” already. Choose another name, or change that one.",
    Reason.STYLE_NAME: "A style needs a name. Choose one that members understand.",
    Reason.STYLE_TEXT: "A style’s text needs {place} exactly once. Write it where a member’s words go.",
    Reason.STYLE_EMOJI: "That is not one of the standard emoji: menus show no others. Choose one, or leave it out.",
    Reason.STYLE_NOT_ALLOWED: "The style itself says something that this server’s managers do not allow; your words do not."
    " Choose another style, or tell a manager.",
    Reason.STYLES_FULL: "This server has {limit} styles, which is the most. Remove one first.",
    Reason.OPTION_INVALID: "“{value}” is not something that {option} takes. Choose one of the offered values.",
    Reason.VALUE_NOT_TAKEN: "“{value}” is not something that {model} takes as {option}. Choose one of these: {allowed}.",
    Reason.SOURCES_BEYOND: "{model} takes {allowed}, not {number}. Attach as many, or choose another model.",
    Reason.NO_MODELS: "No model is on offer at the moment: whoever runs the bot has to mend it.",
    Reason.NO_MODEL: "“{model}” is not on offer at the moment. Choose another model.",
    Reason.DIRECT_MESSAGE: "Darkroom works in servers only. Use the command in a channel.",
    Reason.USER_INSTALL: "Darkroom works where a server has added it, not where you have. Use it in such a server.",
    Reason.NOT_IN_SERVER: "Darkroom is not in this server. Ask somebody who manages it to invite the bot.",
    Reason.GUILD_NOT_ALLOWED: "This server is not on the list of servers that may use this bot. Ask whoever runs the bot.",
    Reason.OTHER_CHANNELS: "Images are made in {channels} only, as this server’s managers chose. Ask there.",
    Reason.MISSING_PERMISSION: "I could not post the result here: I lack “{permission}” in this channel."
    " Ask a moderator to grant it.",
    Reason.MEMBER_MAY_NOT: "You may not use this here. Ask a moderator.",
    Reason.MANAGERS_GIVE: "Credits are given back by those who may manage this server. Ask one of them.",
    Reason.NOT_THE_OPERATOR: "Only whoever runs the bot can do that.",
    Reason.URL_NOT_ALLOWED: "“{name}” does not come from Discord. Upload the image itself.",
    Reason.SHUTTING_DOWN: "Darkroom is restarting. Try again in a minute.",
    Reason.QUEUE_FULL: "You have {count} waiting already. Let some of them finish first.",
    Reason.SOURCES_NOT_KEPT: "The images of that job are no longer kept. Attach them to a new /edit.",
    Reason.PROMPT_NOT_KEPT: "The words of that job are no longer kept. Start anew with /edit or /generate.",
    Reason.SOURCE_WITHDRAWN: "Whose image that is has withdrawn it. Use one of your own.",
    Reason.NOT_SHARED: "Whose image that is lets nobody else use it. Use one of your own.",
    Reason.OWN_IMAGES_ONLY: "In this server everybody uses images of their own only, as its managers chose."
    " Attach one of yours.",
    Reason.WORDS_NOT_ALLOWED: "This server’s managers do not allow something that your prompt says."
    " Say it in other words.",
    Reason.AGE_RESTRICTED_ONLY: "Images are made in age-restricted channels only, as this server’s managers chose."
    " Ask in one.",
    Reason.EXPORTED: "You had your data within the last day. You can have it again {goes_on}.",
    Reason.BEING_ERASED: "Your data is being erased. Ask again in a few minutes.",
    Reason.NOT_FOUND: "That job is not known here any more.",
    Reason.NOT_YOURS: "Only the member who asked for it can do that.",
    Reason.TOO_LATE: "It is too late to cancel: the image service is at work on it, and it costs about {credits}.",
    Reason.JUST_ASKED: "You asked for that again a moment ago: one job is under way.",
    Reason.FORM_UNKNOWN: "That form is not known here any more, and nothing was done. Open it again.",
    Reason.FORM_EXPIRED: "That form was opened more than an hour ago. Choose the message again.",
    Reason.ONE_OF_EACH: "More than one {option} was chosen. Choose one.",
    Reason.TOO_SOON: "The image service had a problem a moment ago: the same would fail again. Try again {goes_on}.",
    Reason.NOT_FINISHED: "That job has no result yet. Wait until it is done.",
    Reason.MODEL_NEVER_USED: "“{model}” was never used in this server. Choose one of the models offered.",
    Reason.STORAGE_FULL: "Darkroom cannot reach what it stores just now. Whoever runs it has been told; try again later.",
    Reason.NOT_AN_IMAGE: "“{name}” is not an image. Attach a photo or another picture.",
    Reason.WRONG_TYPE: "“{name}” is {type}. Export it as PNG or JPEG and attach that.",
    Reason.TRUNCATED: "“{name}” is damaged or cut off. Save it again and attach it anew.",
    Reason.ANIMATED: "“{name}” is animated. Attach a still picture: a screenshot of one moment, say.",
    Reason.VIDEO: "“{name}” is a video. Attach a still picture: a screenshot of one moment, say.",
    Reason.CAMERA_RAW: "“{name}” is a camera raw photo. Get a JPEG of it: share or export it as JPEG from the camera"
    " or its photo app (on an iPhone, switch off RAW or ProRAW above the picture).",
    Reason.JPEG_XL: "“{name}” is a JPEG XL picture. Get a JPEG of it: on a phone, open it and share a screenshot or an"
    " edited copy; on a computer, open it in a photo program and export it as JPEG.",
    Reason.TOO_HARD: "“{name}” takes more memory or time to decode than a picture gets. Save it again as JPEG or PNG,"
    " smaller, and attach that.",
    Reason.TOO_LARGE: "“{name}” is larger than {limit_mb} MB. Make it smaller.",
    Reason.TOO_LARGE_TO_HAND_OUT: "The result is larger than Discord takes here, even made smaller. It stays in /jobs.",
    Reason.TOO_MANY_PIXELS: "“{name}” has {width} × {height} pixels; 64 megapixels are the limit (256 for a JPEG). Scale it down.",
    Reason.BAD_MASK: "“{name}” is no mask: take the first image, erase in a photo editor what is to change, so that it is"
    " transparent there, and save it as PNG.",
    Reason.SOURCE_GONE: "“{name}” is no longer there. Attach it again.",
    Reason.SOURCE_UNREACHABLE: "“{name}” could not be fetched from Discord. Try again.",
    Reason.MODERATED: "The image service’s safety check refused this. Change the prompt, or the images if there are any.",
    Reason.BAD_INPUT: "The image service could not work with this request. Try other options or images.",
    Reason.OUT_OF_CREDITS: "The bot’s account at the image service is out of credits. Whoever runs it has been told.",
    Reason.INVALID_KEY: "The image service did not accept the bot’s key. Whoever runs it has been told.",
    Reason.MODEL_GONE: "The image service no longer offers {model}.",
    Reason.PRICE_ROSE: "The image service’s price for this rose to {credits} while it waited: more than is left for you."
    " /credits shows what is left and when it renews; fewer images cost less.",
    Reason.PROVIDER_TROUBLE: "The image service had a problem. Try again {again}.",
    Reason.NO_IMAGES: "The image service finished without an image. Try again.",
    Reason.TIMED_OUT: "The image service did not finish within a day. Try again.",
    Reason.NEVER_ANSWERED: "We lost contact with the image service, and no image came within a day. Try again.",
    Reason.RESULT_GONE: "The image service no longer had the image when it was fetched. Try again.",
    Reason.CANCELLED: "Cancelled.",
    Reason.TOO_SLOW: "Darkroom took too long to look at this, and Discord does not wait. Ask again in a moment.",
    Reason.INTERNAL: "Something went wrong on our side. Try again; if it happens again, tell whoever runs the bot.",
    **ACCOUNT_TEXTS,
}

TELLS_COST = frozenset({Reason.TOO_LATE})
"""Sentences that speak of money themselves."""
COSTS_NOTHING = frozenset(
    {
        Reason.GUILD_NOT_ALLOWED,
        Reason.MANAGERS_GIVE,
        Reason.NO_RESULT_THERE,
        Reason.STYLE_TAKEN,
        Reason.STYLE_NAME,
        Reason.STYLE_TEXT,
        Reason.STYLE_EMOJI,
        Reason.STYLES_FULL,
        Reason.MODEL_NEVER_USED,
        Reason.NOT_YOURS,
        Reason.NOT_THE_OPERATOR,
        Reason.JUST_ASKED,
        Reason.TOO_LARGE_TO_HAND_OUT,
        Reason.NO_IMAGE_THERE,
    }
)
"""What was refused could not have cost anything: no word about money."""

MOST_CHANNELS = 5
"""Channels that a sentence names."""

UNFILLED: Mapping[str, str] = {
    "model": "the model",
    "allowed": "the offered values",
    "type": "something else",
    "limit_mb": str(MAX_SOURCE_BYTES // MIB),
    "width": "more than 8,000",
    "height": "8,000",
    "permission": "a permission",
    "blocked": "The allowance here is zero",
    "until": "for a while",
    "goes_on": "later",
    "again": "in a few minutes",
    "count": "enough jobs",
    "why": "",
    "channels": "other channels",
}
"""What stands in a blank when only the reason is known, as on the card of a job that failed."""


def say(refusal: Refusal) -> str:
    """Return the sentence for a refusal: what happened, what it cost, what to do."""
    sentence = reason_text(refusal)
    return sentence if refusal.reason in TELLS_COST | COSTS_NOTHING else f"{sentence} {FREE}"


def reason_text(refusal: Refusal) -> str:
    """Return what a refusal says, without a word about money."""
    values = {name: _shown(name, value) for name, value in refusal.values.items()}
    sentence = TEXTS[refusal.reason]
    if "name" not in values:
        sentence = sentence.replace("“{name}”", "An image", 1)
    return sentence.format_map(_Blanks(values))


def aside_text(member_id: int, *, told: bool) -> str:
    """Say openly to a member, whose reaction came to nothing, that they know why, and nothing else."""
    why = "I sent you why" if told else "your next command tells you why"
    return f"<@{member_id}>, that did not work; {why}."


def late_text(refusal: Refusal) -> str:
    """Say why a reaction came to nothing, some time later."""
    return f"About your 🔁: {say(refusal)}"


class _Blanks(dict[str, str]):
    """Values by name; a blank that nobody filled is never an error in an error."""

    def __missing__(self, key: str) -> str:
        return UNFILLED.get(key, "that")


def _shown(name: str, value: str | int) -> str:
    return _FORMATS.get(name, _as_written)(value)


def _as_written(value: str | int) -> str:
    return plain(str(value), 60)


def _channels(value: str | int) -> str:
    named = [f"<#{each}>" for each in str(value).split() if each.isdecimal()]
    return " or ".join(named[:MOST_CHANNELS]) or UNFILLED["channels"]


def _credits(value: str | int) -> str:
    return credits_text(value) if isinstance(value, int) else _as_written(value)


def _value(value: str | int) -> str:
    # A size; what is not a number and another is said as it is.
    return _as_written(value_name("size", value) if str(value)[:1].isdecimal() else value)


def _model(value: str | int) -> str:
    return _as_written(model_name(str(value)))


def _moment(value: str | int) -> str:
    return moment(value, "F") if isinstance(value, int) else _as_written(value)


_FORMATS: Mapping[str, Callable[[str | int], str]] = {
    "count": lambda value: counted(value, "job") if isinstance(value, int) else _as_written(value),
    "again": lambda value: f"from {moment(int(value), 't')} on",
    "allowed": lambda value: plain(str(value), 200),
    "channels": _channels,
    "credits": _credits,
    "left": _credits,
    "model": _model,
    "value": _value,
    "renews_at": _moment,
    **ACCOUNT_FORMATS,
}
"""How blanks are written; all others as they are, made harmless: some of them come from outside."""
