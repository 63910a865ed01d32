"""A command whose attachments are pictures, and says so to Discord, whose clients then offer nothing else."""

from collections.abc import Callable
from typing import Any, Self

from discord import AppCommandOptionType, app_commands

FILE_TYPES = ("image", ".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp", ".jp2", ".jfif", ".jpg_large")
"""Ten at most (Discord); its own "image" may lack what a phone or a scanner makes. A hint: bytes decide."""
MASK_TYPES = [".png"]
"""What a mask is: its transparency says what may change."""


class PictureCommand(app_commands.Command[Any, ..., Any]):
    """Adds what discord.py 2.7 does not know: ``file_types`` of attachment options."""

    @classmethod
    def named(cls, name: str, *, description: str) -> Callable[[Any], Self]:
        """Make a command of a method, as ``app_commands.command`` does."""
        return lambda callback: cls(name=name, description=description, callback=callback)

    def to_dict(self, tree: app_commands.CommandTree[Any]) -> dict[str, Any]:
        """Describe the command for Discord."""
        data = super().to_dict(tree)
        for option in data["options"]:
            if option["type"] == AppCommandOptionType.attachment.value:
                option["file_types"] = MASK_TYPES if option["name"] == "mask" else [*FILE_TYPES]
        return data
