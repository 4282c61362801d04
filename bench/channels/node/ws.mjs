// npm `ws`, as its documentation broadcasts: `S` subscribes and is answered, `P` and a text publishes the text.
import { WebSocketServer } from "ws";

const subscribers = new Set();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, clientTracking: false, backlog: 4096 });
server.on("listening", () => console.log(`127.0.0.1:${server.address().port}`));
server.on("connection", (socket) => {
  socket.on("error", () => socket.terminate());
  socket.on("close", () => subscribers.delete(socket));
  socket.on("message", (data) => {
    const text = data.toString();
    if (text === "S") {
      subscribers.add(socket);
      socket.send("S");
    } else {
      const published = text.slice(1);
      for (const subscriber of subscribers) {
        if (subscriber.readyState === 1) subscriber.send(published);
      }
    }
  });
});
