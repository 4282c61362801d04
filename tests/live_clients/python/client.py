"""PyPI's centrifuge-python against a server: connects, subscribes, publishes, calls, asks, drops, recovers, refreshes.
Prints what it saw, as JSON.

Usage: client.py CODEC BASE
"""

import asyncio
import json
import sys
import urllib.request

from centrifuge import Client, ClientEventHandler, ReplyError, SubscriptionEventHandler

codec, base = sys.argv[1:]
binary = codec == "protobuf"


def encode(value):
    return json.dumps(value).encode() if binary else value


def decode(value):
    return json.loads(value) if binary else value


async def fetch(path, method="GET"):
    def ask():
        request = urllib.request.Request(base + path, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read().decode()

    return await asyncio.get_running_loop().run_in_executor(None, ask)


class Events:
    """What came, and whoever waits for it."""

    def __init__(self):
        self.queues = {}

    def __getattr__(self, name):
        if not name.startswith("on_"):
            raise AttributeError(name)

        async def handler(context):
            self.queue(name[3:]).put_nowait(context)

        return handler

    def queue(self, name):
        return self.queues.setdefault(name, asyncio.Queue())

    async def next(self, name):
        return await asyncio.wait_for(self.queue(name).get(), 20)


def handler(base_class):
    events = Events()
    names = [name for name in dir(base_class) if name.startswith("on_")]
    handling = type("Handling", (base_class,), {name: staticmethod(getattr(events, name)) for name in names})
    return events, handling()


async def error(awaitable):
    try:
        await awaitable
    except ReplyError as failed:
        return failed.code
    return None


async def main():
    seen = {}
    events, handling = handler(ClientEventHandler)
    tokens = 0

    async def get_token():
        nonlocal tokens
        tokens += 1
        # The first one ends soon, so that it has to be refreshed.
        return await fetch(f"/token?user=ada&seconds={2 if tokens == 1 else 600}")

    address = base.replace("http", "ws") + "/live/websocket" + ("?format=protobuf" if binary else "")
    client = Client(
        address, events=handling, get_token=get_token, use_protobuf=binary, min_reconnect_delay=0.02, max_reconnect_delay=0.1
    )
    await client.connect()
    seen["client"] = len((await events.next("connected")).client)

    room, handling = handler(SubscriptionEventHandler)
    subscription = client.new_subscription("room:1", events=handling, join_leave=True)
    await subscription.subscribe()
    subscribed = await room.next("subscribed")
    seen["subscribed"] = {"recoverable": subscribed.recoverable, "was_recovering": subscribed.was_recovering}
    seen["join"] = (await room.next("join")).info.user
    publications = []

    async def publication():
        publications.append(decode((await room.next("publication")).pub.data))

    await subscription.publish(encode({"n": 1}))
    await publication()
    seen["rpc"] = decode((await client.rpc("room:1/echo", encode({"n": 7}))).data)
    seen["missing"] = await error(client.rpc("room:1/nothing", encode(1)))
    seen["invalid"] = await error(client.publish("room:1", encode({"n": "one"})))
    seen["presence"] = [info.user for info in (await subscription.presence()).clients.values()]
    stats = await subscription.presence_stats()
    seen["presence_stats"] = {"num_clients": stats.num_clients, "num_users": stats.num_users}
    seen["history"] = [decode(one.data) for one in (await subscription.history(limit=10)).publications]

    async def refused(name):
        other, handling = handler(SubscriptionEventHandler)
        await client.new_subscription(name, events=handling).subscribe()
        return (await other.next("unsubscribed")).code

    seen["forbidden"] = await refused("secret:1")
    seen["unknown"] = await refused("nothing:1")
    seen["publish_forbidden"] = await error(client.publish("secret:1", encode(1)))

    while tokens < 2:
        await asyncio.sleep(0.05)
    seen["refreshed"] = client.state.name == "CONNECTED"

    await fetch("/drop", "POST")
    connecting = await events.next("connecting")
    while connecting.code != 3011:
        connecting = await events.next("connecting")
    seen["dropped"] = connecting.code
    recovered = await room.next("subscribed")
    seen["recovered"] = {"was_recovering": recovered.was_recovering, "recovered": recovered.recovered}
    for _ in range(3):
        await publication()
    await subscription.publish(encode({"n": 5}))
    await publication()
    seen["publications"] = publications

    await fetch("/personal", "POST")
    seen["personal"] = decode((await events.next("publication")).pub.data)
    await client.disconnect()
    print(json.dumps(seen))


asyncio.run(asyncio.wait_for(main(), 60))
