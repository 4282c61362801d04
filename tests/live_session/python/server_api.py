"""Uses every command of the server API as PyPI's cent does; what came of it is printed, as JSON."""

import asyncio
import json
import sys

from cent import (
    AsyncClient,
    BatchRequest,
    BoolValue,
    BroadcastRequest,
    CentApiResponseError,
    CentTransportError,
    CentUnauthorizedError,
    ChannelOptionsOverride,
    ChannelsRequest,
    Client,
    Disconnect,
    DisconnectRequest,
    HistoryRemoveRequest,
    HistoryRequest,
    InfoRequest,
    PresenceRequest,
    PresenceStatsRequest,
    PublishRequest,
    RefreshRequest,
    StreamPosition,
    SubscribeRequest,
    UnsubscribeRequest,
)

url, key, phone, session = sys.argv[1:]
cent = Client(url, key)
seen = {}


def code(call, request):
    try:
        call(request)
    except CentApiResponseError as error:
        return [error.code, error.message]
    return None


# Publishing.
first = cent.publish(PublishRequest(channel="stream:a", data={"n": 1}, idempotency_key="k", tags={"kind": "one"}))
again = cent.publish(PublishRequest(channel="stream:a", data={"n": 1}, idempotency_key="k"))
seen["publish"] = [first.offset, first == again, len(first.epoch) > 0]
cent.publish(PublishRequest(channel="stream:a", data="not kept", skip_history=True))
many = cent.broadcast(BroadcastRequest(channels=["stream:a", "stream:b", "nothing"], data=[1, None, "ä"]))
seen["broadcast"] = [
    response.result.offset if response.result else response.error.code for response in many.responses
]
plain = cent.publish(PublishRequest(channel="plain:a", data=1))
seen["plain"] = [plain.offset, plain.epoch]

# History.
page = cent.history(HistoryRequest(channel="stream:a", limit=10))
seen["history"] = [[entry.offset, entry.data, entry.tags] for entry in page.publications]
position = cent.history(HistoryRequest(channel="stream:a"))
seen["position"] = [position.offset, position.epoch == first.epoch, position.publications]
since = StreamPosition(offset=1, epoch=first.epoch)
later = cent.history(HistoryRequest(channel="stream:a", limit=10, since=since))
seen["since"] = [entry.offset for entry in later.publications]
newest = cent.history(HistoryRequest(channel="stream:a", limit=1, reverse=True))
seen["reverse"] = [entry.offset for entry in newest.publications]
wrong = HistoryRequest(channel="stream:a", limit=1, since=StreamPosition(offset=1, epoch="another"))
cent.history_remove(HistoryRemoveRequest(channel="stream:b"))
seen["removed"] = cent.history(HistoryRequest(channel="stream:b", limit=10)).model_dump(include={"publications", "offset"})

# Who is there.
presence = cent.presence(PresenceRequest(channel="room")).presence
seen["presence"] = sorted([info.user, info.client == client, info.conn_info] for client, info in presence.items())
stats = cent.presence_stats(PresenceStatsRequest(channel="room"))
seen["stats"] = [stats.num_clients, stats.num_users]
seen["channels"] = {name: info.num_clients for name, info in cent.channels(ChannelsRequest()).channels.items()}
seen["pattern"] = list(cent.channels(ChannelsRequest(pattern="pl*:a")).channels)
(node,) = cent.info(InfoRequest()).nodes
seen["info"] = [node.num_clients, node.num_users, node.num_subs, node.num_channels, len(node.uid) > 0]

# Connections.
cent.subscribe(
    SubscribeRequest(
        user="ada",
        client=phone,
        channel="stream:a",
        data={"by": "cent"},
        info={"seat": 1},
        recover_since=since,
        override=ChannelOptionsOverride(presence=BoolValue(value=True)),
    )
)
cent.unsubscribe(UnsubscribeRequest(user="ada", channel="plain:a", session=session))
cent.refresh(RefreshRequest(user="ada", client=phone))
cent.disconnect(DisconnectRequest(user="bob", disconnect=Disconnect(code=4500, reason="enough")))
cent.disconnect(DisconnectRequest(user="ada", whitelist=[phone]))

# Many at once.
for parallel in (False, True):
    replies = cent.batch(
        BatchRequest(
            requests=[
                PublishRequest(channel="plain:b", data="batch"),
                HistoryRequest(channel="stream:a", limit=0),
                PresenceStatsRequest(channel="room"),
            ],
            parallel=parallel,
        )
    ).replies
    seen["batch %s" % parallel] = [replies[0].offset, replies[1].offset, replies[2].num_clients > 0]

# What is refused.
seen["errors"] = {
    "unknown": code(cent.publish, PublishRequest(channel="nothing:a", data=1)),
    "no name": code(cent.publish, PublishRequest(channel="", data=1)),
    "no history": code(cent.history, HistoryRequest(channel="plain:a")),
    "no presence": code(cent.presence, PresenceRequest(channel="plain:a")),
    "other epoch": code(cent.history, wrong),
    "nobody": code(cent.disconnect, DisconnectRequest(user="")),
    "bad code": code(cent.disconnect, DisconnectRequest(user="ada", disconnect=Disconnect(code=1000))),
    "bytes": code(cent.publish, PublishRequest(channel="stream:a", data=None, b64data="/w==")),
    "override": code(
        cent.subscribe,
        SubscribeRequest(
            user="ada", channel="stream:a", override=ChannelOptionsOverride(force_recovery=BoolValue(value=True))
        ),
    ),
}
try:
    cent.publish(PublishRequest(channel="stream:a", data=1, nonsense=True))
except CentTransportError as error:
    seen["errors"]["nonsense"] = error.status_code
try:
    Client(url, "wrong").info(InfoRequest())
except CentUnauthorizedError:
    seen["wrong key"] = True


async def later_on():
    client = AsyncClient(url, key)
    result = await client.publish(PublishRequest(channel="stream:a", data={"last": True}))
    await client.close()
    return result.offset


seen["async"] = asyncio.run(later_on())
print(json.dumps(seen))
