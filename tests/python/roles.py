"""Behaviours of the peer, written the way users of SPADE write theirs."""

import time
import uuid

from library import CyclicBehaviour, Message, OneShotBehaviour, Template, metadata_of
from lines import emit

# How long a behaviour waits in one call of `receive`. PEAK's and SPADE's differ without a number.
A_WHILE = 60

# How long an initiator waits for the last answer.
PATIENCE = 10

# What ends a FIPA request.
LAST = ("inform", "failure", "refuse", "not-understood")


class Watched:
    """A behaviour whose failure is the agent's. SPADE would log it and go on."""

    async def on_end(self):
        if isinstance(self.exit_code, Exception):
            self.agent.fail(self.exit_code)


class Report(Watched, CyclicBehaviour):
    """Prints every message. Its template matches all."""

    async def run(self):
        message = await self.receive(timeout=A_WHILE)
        if message is not None:
            emit(
                "message",
                from_=address(message.sender),
                to=address(message.to),
                body=message.body,
                thread=message.thread,
                metadata=dict(metadata_of(message)),
            )


def address(jid):
    """As text. aioxmpp has none for a message that does not say whom it is for."""
    return None if jid is None else str(jid)


class Echo(Watched, CyclicBehaviour):
    """Answers every message with the same, as `make_reply` makes it."""

    async def run(self):
        message = await self.receive(timeout=A_WHILE)
        if message is not None:
            await self.send(message.make_reply())


class Participant(Watched, CyclicBehaviour):
    """The other side of a FIPA request: agrees and informs, or refuses."""

    async def run(self):
        request = await self.receive(timeout=A_WHILE)
        if request is None:
            return
        if request.body == "refuse me":
            await self.send(answer(request, "refuse", request.body))
            return
        await self.send(answer(request, "agree", request.body))
        await self.send(answer(request, "inform", (request.body or "").upper()))


class ByHand(Watched, CyclicBehaviour):
    """Answers by a table: what is said to each performative, one after the other."""

    def __init__(self, answers):
        super().__init__()
        self.answers = answers

    async def run(self):
        message = await self.receive(timeout=A_WHILE)
        if message is None:
            return
        for performative, body in self.answers.get(message.get_metadata("performative"), []):
            await self.send(answer(message, performative, body))


def answer(request, performative, body):
    """An answer in the conversation of the request."""
    # Not `make_reply`: SPADE 3's shares the metadata with the request.
    reply = Message(to=str(request.sender), body=body, thread=request.thread)
    reply.set_metadata("performative", performative)
    for kept in ("conversation-id", "protocol"):
        value = request.get_metadata(kept)
        if value is not None:
            reply.set_metadata(kept, value)
    asked = request.get_metadata("reply-with")
    if asked is not None:
        reply.set_metadata("in-reply-to", asked)
    return reply


class Initiator(Watched, OneShotBehaviour):
    """One FIPA request: prints the answers when the last has come, or time is up."""

    def __init__(self, to, body):
        super().__init__()
        self.to = to
        self.body = body
        self.conversation = uuid.uuid4().hex

    def answers(self):
        """What it is to receive."""
        return Template(metadata={"conversation-id": self.conversation})

    async def run(self):
        request = Message(to=self.to, body=self.body)
        request.set_metadata("performative", "request")
        request.set_metadata("protocol", "fipa-request")
        request.set_metadata("conversation-id", self.conversation)
        request.set_metadata("reply-with", uuid.uuid4().hex)
        await self.send(request)
        answers = []
        deadline = time.monotonic() + PATIENCE
        while not (answers and answers[-1]["performative"] in LAST):
            left = deadline - time.monotonic()
            message = await self.receive(timeout=left) if left > 0 else None
            if message is None:
                break
            answers.append(
                {
                    "performative": message.get_metadata("performative"),
                    "body": message.body,
                    "conversation-id": message.get_metadata("conversation-id"),
                    "in-reply-to": message.get_metadata("in-reply-to"),
                }
            )
        emit("conversation", answers=answers)
