#!/usr/bin/env python3
"""SPADE 4's side of the benchmark; prints one JSON object.

All agents are in this process, and every message goes through the server: SPADE's own way between the
agents of a process is not used, because the receiver is named without its resource.
"""

import argparse
import asyncio
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import time

from spade.agent import Agent
from spade.behaviour import CyclicBehaviour, OneShotBehaviour
from spade.container import Container
from spade.message import Message
from spade.template import Template

PASSWORD = "benchmark"
BODY = "x" * 100

# A message that is lost would be waited for in vain.
PATIENCE = 60

# Rounds that are not measured.
WARM_UP = 50

# Agents that register side by side.
BATCH = 20


class Benched(Agent):
    """An agent at NAME@DOMAIN/bench."""

    def __init__(self, name, args):
        super().__init__("%s@%s/bench" % (name, args.domain), PASSWORD, port=args.port)
        self.address = "%s@%s" % (name, args.domain)


def message(to):
    """What is sent in every case: a body of 100 bytes and a performative."""
    if Container().has_agent(to):
        raise RuntimeError("%s would be reached without the server" % to)
    return Message(to=to, body=BODY, metadata={"performative": "inform"})


def any_inform():
    """What the behaviours receive."""
    return Template(metadata={"performative": "inform"})


def cpu_seconds():
    """What this process has used so far, in the kernel as well."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Job(OneShotBehaviour):
    """A behaviour with a result."""

    def __init__(self):
        super().__init__()
        self.result = asyncio.get_running_loop().create_future()

    async def run(self):
        try:
            self.result.set_result(await self.job())
        except Exception as error:
            self.result.set_exception(error)

    async def next_message(self):
        """The next message, which is known to come."""
        received = await self.receive(timeout=PATIENCE)
        if received is None:
            raise TimeoutError("no message in %d s" % PATIENCE)
        return received


class Ping(Job):
    """Sends a message and awaits the answer, again and again; measures each round."""

    def __init__(self, to, count):
        super().__init__()
        self.to = to
        self.count = count

    async def job(self):
        for _ in range(WARM_UP):
            await self.round()
        cpu = cpu_seconds()
        times = [await self.round() for _ in range(self.count)]
        return times, cpu_seconds() - cpu

    async def round(self):
        begin = time.perf_counter()
        await self.send(message(self.to))
        await self.next_message()
        return time.perf_counter() - begin


class Pong(CyclicBehaviour):
    """Answers every message."""

    def __init__(self, to):
        super().__init__()
        self.to = to

    async def run(self):
        if await self.receive(timeout=PATIENCE):
            await self.send(message(self.to))


class Count(Job):
    """Receives that many messages; tells when the last one came."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    async def job(self):
        for _ in range(self.count):
            await self.next_message()
        return time.perf_counter(), cpu_seconds()


class Flood(Job):
    """Sends that many messages; tells when it began."""

    def __init__(self, to, count):
        super().__init__()
        self.to = to
        self.count = count

    async def job(self):
        began = time.perf_counter(), cpu_seconds()
        for _ in range(self.count):
            await self.send(message(self.to))
            # `send` only puts it in a queue. What is queued is to be sent meanwhile.
            await asyncio.sleep(0)
        return began


async def pingpong(args):
    """Two agents, one message under way at a time."""
    ping, pong = Benched("bench-ping", args), Benched("bench-pong", args)
    for agent in (ping, pong):
        await agent.start()
    pong.add_behaviour(Pong(ping.address), any_inform())
    job = Ping(pong.address, args.count)
    ping.add_behaviour(job, any_inform())
    times, cpu = await job.result
    percentiles = statistics.quantiles(times, n=100, method="inclusive")
    for agent in (ping, pong):
        await agent.stop()
    return {
        "round_trip_us_p50": round(percentiles[49] * 1e6, 1),
        "p99": round(percentiles[98] * 1e6, 1),
        "cpu_us_per_message": round(cpu / (2 * args.count) * 1e6, 1),
    }


async def flood(args):
    """One agent sends as fast as it can, another receives."""
    source, sink = Benched("bench-source", args), Benched("bench-sink", args)
    for agent in (source, sink):
        await agent.start()
    received = Count(args.count)
    sink.add_behaviour(received, any_inform())
    sent = Flood(sink.address, args.count)
    source.add_behaviour(sent, any_inform())
    began, cpu_before = await sent.result
    ended, cpu_after = await received.result
    for agent in (source, sink):
        await agent.stop()
    return {
        "messages_per_s": round(args.count / (ended - began), 1),
        "cpu_us_per_message": round((cpu_after - cpu_before) / args.count * 1e6, 1),
    }


def many(args):
    """The agents of the third case."""
    return [Benched("bench-%d" % number, args) for number in range(args.agents)]


async def register(args):
    """Makes their accounts, by starting each once."""
    agents = many(args)
    for first in range(0, len(agents), BATCH):
        batch = agents[first : first + BATCH]
        await asyncio.gather(*(agent.start() for agent in batch))
        await asyncio.gather(*(agent.stop() for agent in batch))


def memory_kib():
    """The resident memory of this process."""
    with open("/proc/self/statm") as file:
        pages = int(file.read().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1024


async def start(args):
    """All agents are started at once; their accounts are there already."""
    # In another process, which leaves nothing in the memory of this one.
    subprocess.run([sys.executable, *sys.argv, "--only-register"], check=True)
    memory = memory_kib()
    agents = many(args)
    begin = time.perf_counter()
    await asyncio.gather(*(agent.start(auto_register=False) for agent in agents))
    seconds = time.perf_counter() - begin
    used = memory_kib() - memory
    await asyncio.gather(*(agent.stop() for agent in agents))
    return {"seconds": round(seconds, 3), "rss_kib_per_agent": round(used / args.agents, 1)}


CASES = {"pingpong": pingpong, "flood": flood, "start": start}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--domain", default="localhost")
    parser.add_argument("--count", type=int, default=5000, help="round trips, or messages")
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--only-register", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    # SPADE would try for ever.
    socket.create_connection((args.domain, args.port), timeout=PATIENCE).close()
    loop = Container().loop
    if args.only_register:
        loop.run_until_complete(register(args))
    else:
        print(json.dumps(loop.run_until_complete(CASES[args.case](args))), flush=True)


if __name__ == "__main__":
    main()
