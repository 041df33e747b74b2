// The peer that a web developer writes in ten lines: a WebSocket server that
// asks the terminal and sends back what it said. Nothing is recorded.
import { createServer } from "node:https";
import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [modules, certificate, key, terminal] = process.argv.slice(2);
const { WebSocketServer } = createRequire(`${modules}/`)("ws");
const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
new WebSocketServer({ server }).on("connection", (till) => {
  till.on("message", (request) => {
    const parts = [];
    const line = connect({ host: "127.0.0.1", port: Number(terminal), noDelay: true });
    line.on("data", (part) => parts.push(part));
    line.on("end", () => till.send(Buffer.concat(parts)));
    line.on("error", () => till.close(1011));
    line.write(request);
  });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
