// npm's centrifuge against a server with tokens: connects, subscribes, publishes, calls, asks, refreshes both tokens, drops and
// recovers. Prints what it saw, as JSON.
//
// Usage: node client.js CODEC BASE
const [codec, base] = process.argv.slice(2);
const binary = codec === 'protobuf';
const { Centrifuge } = require(binary ? 'centrifuge/build/protobuf' : 'centrifuge');

const encode = value => binary ? new TextEncoder().encode(JSON.stringify(value)) : value;
const decode = value => binary ? JSON.parse(new TextDecoder().decode(value)) : value;
const event = (of, name) => new Promise(done => of.once(name, done));
const error = promise => promise.then(() => null, error => error.code);
const ask = async (path, method = 'GET') => (await fetch(base + path, { method })).text();

const waiting = [];
let tokens = 0, subscriptionTokens = 0;
// The first ones end soon, so that they have to be refreshed.
const seconds = count => count === 1 ? 2 : 600;
const refreshed = () => waiting.forEach(look => look());
const client = new Centrifuge(base.replace('http', 'ws') + '/live/websocket', {
  // Node 18 has none of its own.
  websocket: require('ws'),
  minReconnectDelay: 20,
  maxReconnectDelay: 100,
  getToken: async () => {
    tokens += 1;
    const token = await ask(`/token?user=ada&seconds=${seconds(tokens)}`);
    refreshed();
    return token;
  },
});

async function main() {
  const seen = {};
  const connected = event(client, 'connected');
  const personal = event(client, 'publication');
  client.connect();
  seen.client = (await connected).client.length;

  const subscription = client.newSubscription('room:1', {
    joinLeave: true,
    getToken: async ({ channel }) => {
      subscriptionTokens += 1;
      const token = await ask(`/token?user=ada&channel=${channel}&seconds=${seconds(subscriptionTokens)}`);
      refreshed();
      return token;
    },
  });
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
  seen.subscribed = { recoverable: reply.recoverable, was_recovering: reply.wasRecovering };
  seen.join = (await joined).info.user;
  await subscription.publish(encode({ n: 1 }));
  await until(1);
  seen.rpc = decode((await client.rpc('room:1/echo', encode({ n: 7 }))).data);
  seen.missing = await error(client.rpc('room:1/nothing', encode(1)));
  seen.invalid = await error(client.publish('room:1', encode({ n: 'one' })));
  seen.presence = Object.values((await subscription.presence()).clients).map(info => info.user);
  const stats = await subscription.presenceStats();
  seen.presence_stats = { num_clients: stats.numClients, num_users: stats.numUsers };
  seen.history = (await subscription.history({ limit: 10 })).publications.map(one => decode(one.data));

  const refused = async name => {
    const other = client.newSubscription(name);
    const unsubscribed = event(other, 'unsubscribed');
    other.subscribe();
    return (await unsubscribed).code;
  };
  seen.forbidden = await refused('secret:1');
  seen.unknown = await refused('nothing:1');
  seen.publish_forbidden = await error(client.publish('secret:1', encode(1)));

  await new Promise(done => {
    const look = () => tokens > 1 && subscriptionTokens > 1 && done();
    waiting.push(look);
    look();
  });
  seen.refreshed = client.state === 'connected' && subscription.state === 'subscribed';

  const again = event(subscription, 'subscribed');
  const connecting = event(client, 'connecting');
  await ask('/drop', 'POST');
  seen.dropped = (await connecting).code;
  const recovered = await again;
  seen.recovered = { was_recovering: recovered.wasRecovering, recovered: recovered.recovered };
  await until(4);
  await subscription.publish(encode({ n: 5 }));
  await until(5);
  seen.publications = publications;

  await ask('/personal', 'POST');
  seen.personal = decode((await personal).data);
  const disconnected = event(client, 'disconnected');
  client.disconnect();
  await disconnected;
  console.log(JSON.stringify(seen));
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
