"""JSON lines: commands on standard input, events on standard output, and nothing else there.

Import this first. SPADE, PEAK and what they are built on print to standard output now and then;
from here on that goes to standard error.
"""

import asyncio
import json
import os
import threading

_events = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
_one_at_a_time = threading.Lock()


def emit(event, **fields):
    """Writes one event. A field whose name is a keyword of Python is given with a final `_`."""
    line = {"event": event}
    line.update((name.rstrip("_"), value) for name, value in fields.items())
    with _one_at_a_time:
        _events.write(json.dumps(line) + "\n")
        _events.flush()


def read_commands(queue):
    """Puts the commands to come into the queue, each a dictionary; the end of the input is a stop.

    A line that is no command comes as the exception that says so. To be called in the loop that reads
    the queue.
    """
    loop = asyncio.get_running_loop()

    def hand_over(line):
        loop.call_soon_threadsafe(queue.put_nowait, _parse(line))

    def read():
        # Bytes from the descriptor: a thread that waits in sys.stdin would hold its lock, which
        # Python needs to end.
        rest = b""
        while True:
            piece = os.read(0, 65536)
            if not piece:
                break
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                hand_over(line)
        if rest:
            hand_over(rest)
        loop.call_soon_threadsafe(queue.put_nowait, {"do": "stop"})

    threading.Thread(target=read, daemon=True).start()


def _parse(line):
    try:
        command = json.loads(line)
        if not isinstance(command, dict) or not isinstance(command.get("do"), str):
            raise ValueError('a command is an object with the key "do"')
        return command
    except ValueError as error:
        return ValueError("%s, in %r" % (error, line.decode("utf-8", "replace")))
