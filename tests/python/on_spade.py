"""An agent of SPADE 4: its connection and its presence."""

import asyncio

from slixmpp.exceptions import IqError
from spade.agent import Agent
from spade.behaviour import CyclicBehaviour, OneShotBehaviour  # noqa: F401
from spade.container import Container
from spade.message import Message  # noqa: F401
from spade.presence import PresenceShow, PresenceType
from spade.template import Template  # noqa: F401


def run(coroutine):
    """Runs it to its end in the loop that SPADE's agents live in."""
    return Container().loop.run_until_complete(coroutine)


def metadata_of(message):
    """SPADE 4 has a getter for one key only."""
    return message._metadata


class Endpoint(Agent):
    """An agent that reports its presence events and its connection."""

    def __init__(self, jid, password, port):
        super().__init__(jid, password, port=port)
        self._stopping = False
        self._last_presence = None

    async def connect(self, register, timeout):
        """Starts the agent; when it returns, the server has handled its presence."""
        self._refused = asyncio.get_running_loop().create_future()
        start = asyncio.ensure_future(self.start(auto_register=register))
        # SPADE tries again for ever when nobody answers at the port.
        await asyncio.wait(
            [start, self._refused], timeout=timeout, return_when=asyncio.FIRST_COMPLETED
        )
        if self._refused.done():
            start.cancel()
            raise ConnectionError("no connection to port %d: %s" % (self.xmpp_port, self._refused.result()))
        if not start.done():
            start.cancel()
            raise TimeoutError("not logged in after %d s" % timeout)
        start.result()
        try:
            # A server answers in order, so after this answer it knows of the presence as well.
            await self.client["xep_0199"].send_ping(self.jid.domain, timeout=timeout)
        except IqError:
            pass  # an answer too
        return str(self.client.boundjid)

    async def _async_connect(self):
        # The first moment at which there is a client, and the last before it connects.
        self.client.add_event_handler("connection_failed", self._on_connection_failed)
        self.client.add_event_handler("disconnected", self._on_disconnected)
        await super()._async_connect()

    def _on_connection_failed(self, reason):
        if not self._refused.done():
            self._refused.set_result(reason)

    def _on_disconnected(self, _):
        if self.is_alive() and not self._stopping:
            self.report_connection("disconnected")

    async def disconnect(self):
        """Stops the agent."""
        self._stopping = True
        await self.stop()

    # Presence

    def watch_presence(self):
        """Reports presence events from now on. For `setup`."""
        presence = self.presence
        presence.on_presence_received = self._on_presence
        presence.on_subscribe = lambda jid: self.report_presence(jid, "subscribe", None, None)
        presence.on_subscribed = lambda jid: self.report_presence(jid, "subscribed", None, None)
        presence.on_unsubscribe = lambda jid: self.report_presence(jid, "unsubscribe", None, None)
        presence.on_unsubscribed = lambda jid: self.report_presence(jid, "unsubscribed", None, None)

    def _on_presence(self, stanza):
        # SPADE is called once for the presence and once more if that changes what was known.
        if stanza is self._last_presence:
            return
        self._last_presence = stanza
        unavailable = stanza["type"] == "unavailable"
        self.report_presence(
            str(stanza["from"]),
            "unavailable" if unavailable else "available",
            stanza["show"] or None,
            stanza["status"] or None,
        )

    def subscribe(self, jid):
        """Asks to see the presence of `jid`."""
        self.presence.subscribe(jid)

    def unsubscribe(self, jid):
        """Ends that."""
        self.presence.unsubscribe(jid)

    def approve(self, jid):
        """Lets `jid` see our presence."""
        self.presence.approve_subscription(jid)

    def approve_all(self, value):
        """Whether everybody is let."""
        self.presence.approve_all = value

    def set_presence(self, available, show, status):
        """Tells who may see it."""
        self.presence.set_presence(
            PresenceType.AVAILABLE if available else PresenceType.UNAVAILABLE,
            PresenceShow(show or "none"),
            status,
        )

    def contacts(self):
        """Who is on the roster, as SPADE sees it."""
        listed = []
        for jid, contact in self.presence.get_contacts().items():
            seen = contact.current_presence
            listed.append(
                {
                    "jid": str(jid),
                    "subscription": contact.subscription,
                    "ask": contact.ask if contact.ask not in ("", "none") else None,
                    "type": seen.type.value if seen else None,
                    "show": seen.show.value if seen and seen.show is not PresenceShow.NONE else None,
                    "status": (seen.status or None) if seen else None,
                }
            )
        return listed
