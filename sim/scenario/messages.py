"""Every message about a scenario file or a place, in English and Chinese: code, what is wrong, and the way out.

Codes begin with E (nothing is run), W (a run goes on) or N (worth knowing). A template is filled with plain values;
text that comes from a file is never used as a template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.messages_of_files import FILE_MESSAGES
from sim.scenario.messages_of_places import PLACE_MESSAGES
from sim.scenario.messages_of_values import VALUE_MESSAGES

if TYPE_CHECKING:
    from sim.scenario.message import Message

MESSAGES: dict[str, Message] = {**VALUE_MESSAGES, **FILE_MESSAGES, **PLACE_MESSAGES}
