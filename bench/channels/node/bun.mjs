// Bun's fork of uWebSockets with its own topics: `S` subscribes and is answered, `P` and a text publishes the text.
const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response("no handshake", { status: 400 })),
  websocket: {
    // As large as ours.
    backpressureLimit: 1024 * 1024,
    closeOnBackpressureLimit: true,
    message(socket, text) {
      if (text === "S") {
        socket.subscribe("room");
        socket.send("S");
      } else {
        server.publish("room", text.slice(1));
      }
    },
  },
});
console.log(`127.0.0.1:${server.port}`);
