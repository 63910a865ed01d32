"""Commands and forms that ask for pictures, and say so to Discord, whose clients then offer nothing else.

``file_types`` is what discord.py 2.7 does not know.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, cast

from discord import AppCommandOptionType, app_commands, ui

from adapters.command_sync import PLAIN

if TYPE_CHECKING:
    from discord.types.components import FileUploadComponent

FILE_TYPES = ("image", ".heic", ".heif", ".avif", ".tif", ".tiff", ".bmp", ".jp2", ".jfif", ".jpg_large")
"""Ten at most (Discord); its own "image" may lack what a phone or a scanner makes. A hint: bytes decide."""
MASK_TYPES = [".png"]
"""What a mask is: its transparency says what may change."""


class PictureCommand(app_commands.Command[Any, ..., Any]):
    """Adds ``file_types`` to attachment options, unless Discord was found not to take them."""

    @classmethod
    def named(cls, name: str, *, description: str) -> Callable[[Any], Self]:
        """Make a command of a method, as ``app_commands.command`` does."""
        return lambda callback: cls(name=name, description=description, callback=callback)

    def to_dict(self, tree: app_commands.CommandTree[Any]) -> dict[str, Any]:
        """Describe the command for Discord."""
        data = super().to_dict(tree)
        for option in data["options"]:
            if option["type"] == AppCommandOptionType.attachment.value and PLAIN not in self.extras:
                option["file_types"] = MASK_TYPES if option["name"] == "mask" else [*FILE_TYPES]
        return data


class PictureUpload(ui.FileUpload[Any]):
    """Adds ``file_types`` to a form's upload; ``tree`` knows whether Discord takes them for commands."""

    def __init__(self, *, tree: app_commands.CommandTree[Any], custom_id: str, most: int) -> None:
        super().__init__(custom_id=custom_id, required=False, min_values=0, max_values=most)
        self._typed = not any(PLAIN in command.extras for command in tree.walk_commands())

    def to_component_dict(self) -> "FileUploadComponent":
        """Describe the upload for Discord."""
        described = super().to_component_dict()
        typed = {**described, "file_types": [*FILE_TYPES]} if self._typed else described
        return cast("FileUploadComponent", typed)
