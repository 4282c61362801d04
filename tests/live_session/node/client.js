// npm's centrifuge against a server: connects, subscribes, publishes, calls, asks, drops and recovers. Prints what it saw.
//
// Usage: node client.js CODEC TRANSPORT BASE
const [codec, transport, base] = process.argv.slice(2);
const binary = codec === 'protobuf';
const { Centrifuge } = require(binary ? 'centrifuge/build/protobuf' : 'centrifuge');

const encode = value => binary ? new TextEncoder().encode(JSON.stringify(value)) : value;
const decode = value => binary && value !== undefined ? JSON.parse(new TextDecoder().decode(value)) : value;

// Node has none; what the client needs of one.
class EventSource {
  constructor(url) {
    this.abort = new AbortController();
    this.run(url).catch(() => this.onerror?.({}));
  }
  async run(url) {
    const response = await fetch(url, { signal: this.abort.signal, headers: { accept: 'text/event-stream' } });
    if (response.status !== 200) throw new Error(response.status);
    this.onopen?.({});
    let text = '';
    for await (const chunk of response.body) {
      text += Buffer.from(chunk).toString();
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        const lines = text.slice(0, end).split('\n').map(line => line.replace(/^data: /, ''));
        this.onmessage?.({ data: lines.join('\n') });
      }
    }
    throw new Error('over');
  }
  close() { this.abort.abort(); }
}

const path = { websocket: '/connection/websocket', http_stream: '/connection/http_stream', sse: '/connection/sse' }[transport];
const socketBase = base.replace('http', 'ws');
const endpoint = (transport === 'websocket' ? socketBase : base) + path + '?user=ada';
const options = { emulationEndpoint: base + '/emulation', eventsource: EventSource, minReconnectDelay: 20, maxReconnectDelay: 100 };
// Node 18 has none.
options.websocket = require('ws');
const client = transport === 'websocket'
  ? new Centrifuge(endpoint, options)
  : new Centrifuge([{ transport, endpoint }], options);

const event = (of, name) => new Promise(done => of.once(name, done));
const error = promise => promise.then(() => null, error => error.code);

async function main() {
  const seen = {};
  const connected = event(client, 'connected');
  client.connect();
  const context = await connected;
  seen.connected = { transport: context.transport, client: typeof context.client === 'string' && context.client.length };

  const subscription = client.newSubscription('stream:room', { joinLeave: true });
  const publications = [];
  let enough = () => {};
  subscription.on('publication', context => {
    publications.push(decode(context.data));
    enough();
  });
  const until = count => new Promise(done => { (enough = () => publications.length >= count && done())(); });
  const joined = event(subscription, 'join');
  const subscribed = event(subscription, 'subscribed');
  subscription.subscribe();
  const reply = await subscribed;
  seen.subscribed = { recoverable: reply.recoverable, positioned: reply.positioned, wasRecovering: reply.wasRecovering };
  seen.join = (await joined).info.user;
  await subscription.publish(encode({ n: 1 }));
  await until(1);

  seen.rpc = decode((await client.rpc('echo', encode([1, { a: null }]))).data);
  seen.missing = await error(client.rpc('nothing', encode(1)));
  seen.presence = Object.values((await subscription.presence()).clients).map(info => info.user);
  seen.presenceStats = await subscription.presenceStats();
  const history = await subscription.history({ limit: 10 });
  seen.history = history.publications.map(publication => decode(publication.data));

  const refused = async name => {
    const other = client.newSubscription(name);
    const unsubscribed = event(other, 'unsubscribed');
    other.subscribe();
    const { code } = await unsubscribed;
    return code;
  };
  seen.forbidden = await refused('secret:room');
  seen.unknown = await refused('nothing:room');
  seen.publishForbidden = await error(client.publish('secret:room', encode(1)));

  // The server drops the connection, publishes three, and lets nobody in before that is done.
  const again = event(subscription, 'subscribed');
  const connecting = event(client, 'connecting');
  await fetch(base + '/drop', { method: 'POST' });
  seen.dropped = (await connecting).code;
  const recovered = await again;
  seen.recovered = { wasRecovering: recovered.wasRecovering, recovered: recovered.recovered };
  await until(4);
  await subscription.publish(encode({ n: 5 }));
  await until(5);
  seen.publications = publications;

  const unsubscribed = event(subscription, 'unsubscribed');
  subscription.unsubscribe();
  await unsubscribed;
  const disconnected = event(client, 'disconnected');
  client.disconnect();
  await disconnected;
  console.log(JSON.stringify(seen));
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
