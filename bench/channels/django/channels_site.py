"""Django Channels with its layer in memory: `S` subscribes and is answered, `P` and a text publishes the text."""

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter
from django.conf import settings

settings.configure(
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}},
    DEBUG=False,
    INSTALLED_APPS=["channels"],
    SECRET_KEY="none is needed",
)

import django  # noqa: E402  The settings come first.

django.setup()


class Room(AsyncWebsocketConsumer):
    groups = []

    async def receive(self, text_data=None, bytes_data=None):
        if text_data == "S":
            await self.channel_layer.group_add("room", self.channel_name)
            await self.send("S")
        else:
            await self.channel_layer.group_send("room", {"type": "room.message", "text": text_data[1:]})

    async def room_message(self, event):
        await self.send(event["text"])

    async def disconnect(self, code):
        await self.channel_layer.group_discard("room", self.channel_name)


application = ProtocolTypeRouter({"websocket": Room.as_asgi()})
