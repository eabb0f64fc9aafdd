"""An agent of PEAK 1.2 (on SPADE 3 and aioxmpp): its connection and its presence."""

import asyncio

import aioxmpp
import aioxmpp.connector
import aioxmpp.node
import aioxmpp.ping
from peak import Agent, CyclicBehaviour, Message, OneShotBehaviour, Template  # noqa: F401
from spade.container import Container


def run(coroutine):
    """Runs it to its end in the loop that SPADE's agents live in: a thread of its own."""
    return asyncio.run_coroutine_threadsafe(coroutine, Container().loop).result()


def metadata_of(message):
    """PEAK's messages have it in the open."""
    return message.metadata


class Endpoint(Agent):
    """An agent that reports its presence events and its connection."""

    def __init__(self, jid, password, port):
        super().__init__(aioxmpp.JID.fromstr(jid))
        # PEAK has put the bare address there and has no way to say another one.
        self.password = password
        self._lost = False
        _connect_to_port(port)

    async def connect(self, register, timeout):
        """Starts the agent; when it returns, the server has handled its presence."""
        try:
            await asyncio.wait_for(self.start(auto_register=register), timeout)
        except asyncio.TimeoutError:
            raise TimeoutError("not logged in after %d s" % timeout) from None
        self.client.on_stream_suspended.connect(self._on_lost)
        self.client.on_stream_established.connect(self._on_back)
        self.client.on_stream_resumed.connect(self._on_back)
        try:
            # A server answers in order, so after this answer it knows of the presence as well.
            await aioxmpp.ping.ping(self.client, self.jid.replace(localpart=None, resource=None))
        except aioxmpp.XMPPCancelError:
            pass  # an answer too
        return str(self.client.local_jid)

    # A callback that returned something true would be the last call of it.

    def _on_lost(self, _):
        self._lost = True
        self.report_connection("disconnected")

    def _on_back(self):
        # One return to the server can be told more than once.
        if self._lost:
            self._lost = False
            self.report_connection("reconnected")

    async def disconnect(self):
        """Stops the agent."""
        await self.stop()

    # Presence

    def watch_presence(self):
        """Reports presence events from now on. For `setup`.

        SPADE 3's own callbacks tell the first presence of a contact twice and a change of it never,
        and no requests when everybody is approved, so aioxmpp is asked, as SPADE does itself.
        """
        contacts = self.presence.presenceclient
        for signal in (contacts.on_available, contacts.on_changed, contacts.on_unavailable):
            signal.connect(self._on_presence)
        roster = self.presence.roster
        for signal in (roster.on_subscribe, roster.on_subscribed, roster.on_unsubscribe, roster.on_unsubscribed):
            signal.connect(self._on_subscription)

    def _on_presence(self, _, stanza):
        if stanza.from_.bare() != self.jid.bare():
            self.report_presence(str(stanza.from_), *_words_of(stanza))

    def _on_subscription(self, stanza):
        self.report_presence(str(stanza.from_), *_words_of(stanza))

    def subscribe(self, jid):
        """Asks to see the presence of `jid`."""
        self.presence.subscribe(jid)

    def unsubscribe(self, jid):
        """Ends that."""
        self.presence.unsubscribe(jid)

    def approve(self, jid):
        """Lets `jid` see our presence."""
        self.presence.approve(jid)

    def approve_all(self, value):
        """Whether everybody is let."""
        self.presence.approve_all = value

    def set_presence(self, available, show, status):
        """Tells who may see it."""
        self.presence.set_presence(
            aioxmpp.PresenceState(available=available, show=aioxmpp.PresenceShow(show)),
            status or {},
        )

    def contacts(self):
        """Who is on the roster, as SPADE sees it."""
        listed = []
        for jid, contact in self.presence.get_contacts().items():
            seen = contact.get("presence")
            type_, show, status = _words_of(seen) if seen is not None else (None, None, None)
            listed.append(
                {
                    "jid": str(jid),
                    "subscription": contact.get("subscription", "none"),
                    "ask": contact.get("ask"),
                    "type": type_,
                    "show": show,
                    "status": status,
                }
            )
        return listed


def _words_of(stanza):
    """Type, show and status of a presence."""
    type_ = stanza.type_.value or "available"
    show = stanza.show.value
    status = next(iter(stanza.status.values()), None)
    return type_, show, status or None


def _connect_to_port(port):
    """Has aioxmpp connect to this port of the address's domain; its own way is to ask the DNS.

    PEAK's option for a port is made the same way.
    """

    async def connectors(domain, loop=None, logger=None):
        return [(domain, port, aioxmpp.connector.STARTTLSConnector())]

    aioxmpp.node.discover_connectors = connectors
