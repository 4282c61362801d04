// npm `socket.io`, by WebSocket alone: the event `sub` subscribes and is acknowledged, `pub` publishes its text as the event `m`.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
io.on("connection", (socket) => {
  socket.on("sub", (acknowledge) => {
    socket.join("room");
    acknowledge();
  });
  socket.on("pub", (text) => io.to("room").emit("m", text));
});
http.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => console.log(`127.0.0.1:${http.address().port}`));
