"""Documents as aiogram sends them: bytes as they are, a file chunk by chunk while it is sent."""

import asyncio
import os
from collections.abc import AsyncGenerator
from typing import BinaryIO, Final

from aiogram import Bot
from aiogram.types import BufferedInputFile, InputFile

from app.domain.messages import Document

_CHUNK_BYTES: Final = 256 * 1024


class OpenInputFile(InputFile):
    """From its beginning each time it is read: a repeated request sends all of it again."""

    def __init__(self, file: BinaryIO, name: str) -> None:
        super().__init__(name, _CHUNK_BYTES)
        self._file = file

    async def read(self, bot: Bot) -> AsyncGenerator[bytes, None]:  # noqa: ARG002 - aiogram's
        """Where the file stands is left as it is: two requests may read side by side."""
        offset = 0
        while chunk := await asyncio.to_thread(
            os.pread, self._file.fileno(), self.chunk_size, offset
        ):
            yield chunk
            offset += len(chunk)


def to_input_file(document: Document) -> InputFile:
    if isinstance(document.content, bytes):
        return BufferedInputFile(document.content, document.name)
    return OpenInputFile(document.content, document.name)
