#!/usr/bin/env python3
"""A real SPADE or PEAK agent that a test drives with JSON lines. README.md has the vocabulary."""

import lines  # noqa: I001  before everything that may print

import argparse
import asyncio
import logging
import sys

import library
import roles

# From the first connection to the answer that shows the agent is reachable.
LOGIN_TIMEOUT = 30


class Hand(roles.Watched, library.CyclicBehaviour):
    """Does what the commands say, one after the other. Its template matches no message."""

    async def run(self):
        command = await self.agent.commands.get()
        if isinstance(command, Exception):
            raise command
        try:
            await self.do(command)
        except KeyError as error:
            raise ValueError("%r lacks %s" % (command, error)) from error

    async def do(self, command):
        agent, what = self.agent, command["do"]
        if what == "send":
            await self.send(
                library.Message(
                    to=command["to"],
                    body=command.get("body"),
                    thread=command.get("thread"),
                    metadata=command.get("metadata"),
                )
            )
        elif what == "role":
            self.take_role(command)
        elif what in ("subscribe", "unsubscribe", "approve"):
            getattr(agent, what)(command["to"])
        elif what == "approve_all":
            agent.approve_all(bool(command["value"]))
            lines.emit("done", do=what)
        elif what == "presence":
            available = command.get("type", "available") == "available"
            agent.set_presence(available, command.get("show"), command.get("status"))
        elif what == "contacts":
            contacts = sorted(agent.contacts(), key=lambda contact: contact["jid"])
            lines.emit("contacts", contacts=contacts)
        elif what == "stop":
            self.kill()
            agent.finish()
        else:
            raise ValueError("no such command: %r" % what)

    def take_role(self, command):
        name = command["name"]
        if name == "initiator":
            initiator = roles.Initiator(command["to"], command.get("body"))
            self.agent.add_behaviour(initiator, initiator.answers())
            return
        if name == "echo":
            self.agent.add_behaviour(roles.Echo(), library.Template())
        elif name == "participant":
            wanted = library.Template(metadata={"performative": "request"})
            self.agent.add_behaviour(roles.Participant(), wanted)
        elif name == "by hand":
            self.agent.add_behaviour(roles.ByHand(command["answers"]), library.Template())
        else:
            raise ValueError("no such role: %r" % name)
        # Messages that come before this are not for the role.
        lines.emit("done", do="role")


class Peer(library.Endpoint):
    """The agent."""

    def __init__(self, *args):
        super().__init__(*args)
        self.commands = asyncio.Queue()
        self.finished = asyncio.get_running_loop().create_future()

    async def setup(self):
        self.watch_presence()
        self.add_behaviour(roles.Report(), library.Template())
        self.add_behaviour(Hand(), ~library.Template())

    def finish(self):
        """Ends the program in order."""
        if not self.finished.done():
            self.finished.set_result(None)

    def fail(self, error):
        """Ends it with an error."""
        if not self.finished.done():
            self.finished.set_exception(error)

    def report_presence(self, jid, type_, show, status):
        """What the connection has learnt of somebody's presence."""
        lines.emit("presence", from_=jid, type=type_, show=show, status=status)

    def report_connection(self, event):
        """The connection was lost, or is back."""
        lines.emit(event)


async def live(args):
    """The whole life of the agent."""
    peer = Peer(args.jid, args.password, args.port)
    address = await peer.connect(args.register, LOGIN_TIMEOUT)
    lines.emit("ready", jid=address)
    lines.read_commands(peer.commands)
    try:
        await peer.finished
    finally:
        await peer.disconnect()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", required=True, choices=("spade", "peak"))
    parser.add_argument("--jid", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--port", required=True, type=int, help="of the server at the JID's domain")
    parser.add_argument("--no-register", dest="register", action="store_false", help="the account is there")
    args = parser.parse_args()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    try:
        if args.kind != library.KIND:
            raise ValueError("this Python has %s installed, not %s" % (library.KIND, args.kind))
        library.run(live(args))
    except Exception as error:
        logging.exception("the peer ends")
        lines.emit("error", what="%s: %s" % (type(error).__name__, error))
        sys.exit(1)


if __name__ == "__main__":
    main()
