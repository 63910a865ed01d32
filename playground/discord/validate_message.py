"""Rules for the body of a message: https://discord.com/developers/docs/resources/message#create-message."""

from collections.abc import Collection

from playground.discord.form import Form
from playground.discord.jsons import JsonObject, as_id, as_list, as_object, objects
from playground.discord.validate_components import ComponentCheck

SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SILENT, MODERN = 1 << 2, 1 << 6, 1 << 7, 1 << 12, 1 << 15
MOST_CONTENT = 2_000
MOST_FILES = 10
LEGACY = ("content", "embeds", "sticker_ids", "poll")


def check_message(form: Form, *, files: Collection[str], modern: bool) -> None:
    """Check a message as it will be, and note every problem.

    Parameters
    ----------
    form
        The body; for an edit with what stays of the old message filled in.
    files
        Names of the files that the message will have.
    modern
        Whether it is (or becomes) a Components V2 message.
    """
    if form.object() is None:
        return
    if modern:
        _check_no_legacy(form)
    form.child("content").text(high=MOST_CONTENT)
    form.child("tts").flag()
    form.child("flags").number(low=0, high=2**31 - 1)
    _check_embeds(form.child("embeds"))
    _check_mentions(form.child("allowed_mentions"))
    form.child("attachments").items(high=MOST_FILES)
    ComponentCheck(files=files).components(form.child("components"), modern=modern)
    nonce = form.child("nonce")
    if not isinstance(nonce.value, int):
        nonce.text(high=25)


def _check_no_legacy(form: Form) -> None:
    body = as_object(form.value)
    for name in LEGACY:
        if body.get(name):
            text = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            form.child(name).fail("MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", text)


def _check_embeds(form: Form) -> None:
    total = 0
    for embed in form.items(high=10):
        if embed.object() is None:
            continue
        embed.child("title").text(high=256)
        embed.child("description").text(high=4096)
        for field in embed.child("fields").items(high=25):
            field.child("name").text(low=1, high=256, required=True)
            field.child("value").text(low=1, high=1024, required=True)
        total += embed_length(as_object(embed.value))
    if total > 6000:
        form.fail("MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def embed_length(embed: JsonObject) -> int:
    """Count the characters of an embed that its limit of 6,000 is about."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [as_object(embed.get("footer")).get("text"), as_object(embed.get("author")).get("name")]
    for field in objects(embed.get("fields")):
        texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def _check_mentions(form: Form) -> None:
    body = as_object(form.value)
    parse = as_list(body.get("parse"))
    for index, name in enumerate(parse):
        if name not in ("users", "roles", "everyone"):
            form.child("parse").at(index, name).fail(
                "BASE_TYPE_CHOICES", "Value must be one of ('users', 'roles', 'everyone')."
            )
    for name in ("users", "roles"):
        listed = form.child(name).items(high=100)
        if listed and name in parse:
            text = f'parse: ["{name}"] and {name}: [...] are mutually exclusive.'
            form.fail("MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", text)
        for item in listed:
            if as_id(item.value) is None:
                item.fail("NUMBER_TYPE_COERCE", f'Value "{item.value}" is not snowflake.')
