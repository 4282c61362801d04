// What npm's centrifuge sends: every kind of command, as JSON and as Protobuf. Prints [{what, json, protobuf}], Protobuf as hex.
//
// No server and no network: the client is given a WebSocket that answers by itself.
const { Centrifuge } = require('centrifuge');
const { Centrifuge: CentrifugeProtobuf } = require('centrifuge/build/protobuf');

// Tokens are refreshed after the time the server says. That time comes at once here.
const TTL = 777;
const later = globalThis.setTimeout;
globalThis.setTimeout = (call, delay, ...rest) => later(call, delay === TTL * 1000 ? 0 : delay, ...rest);

const kinds = ['connect', 'subscribe', 'unsubscribe', 'publish', 'presence', 'presence_stats', 'history', 'ping', 'send', 'rpc',
  'refresh', 'sub_refresh'];

async function record(binary) {
  const frames = [];
  const data = value => binary ? new TextEncoder().encode(JSON.stringify(value)) : value;
  let waiting = [];
  let codec;

  class Socket {
    constructor() {
      this.readyState = 0;
      later(() => { this.readyState = 1; this.onopen(); }, 0);
    }
    answer(replies) {
      const frame = binary ? new Uint8Array(codec.encodeReplies(replies)).buffer : replies.map(reply => JSON.stringify(reply)).join('\n');
      later(() => this.onmessage({ data: frame }), 0);
    }
    send(frame) {
      frames.push(binary ? Buffer.from(frame).toString('hex') : frame);
      const commands = binary ? codec.decodeCommands(frame) : frame.split('\n').map(line => JSON.parse(line));
      for (const command of commands) {
        const kind = kinds.find(kind => command[kind]);
        this.constructor.last = this;
        const results = {
          connect: {
            client: 'c', version: 'v', expires: command.connect?.token === 't', ttl: TTL, ping: 25, pong: true,
            subs: { server: { recoverable: true, positioned: true, epoch: 'e', offset: 5 } },
          },
          subscribe: { expires: command.subscribe?.token === 'st', ttl: TTL, recoverable: true, epoch: 'e', offset: 3 },
          refresh: { client: 'c', expires: false }, sub_refresh: { expires: false }, rpc: { data: data(1) },
          presence: { presence: {} }, presence_stats: { num_clients: 1, num_users: 1 }, history: { publications: [], epoch: 'e', offset: 1 },
        };
        if (command.id) this.answer([{ id: command.id, [kind]: results[kind] ?? {} }]);
        waiting = waiting.filter(([wanted, done]) => wanted !== (kind ?? 'pong') || void later(done, 5));
      }
    }
    close(code = 1000, reason = '') {
      if (this.readyState !== 3) { this.readyState = 3; later(() => this.onclose({ code, reason }), 0); }
    }
  }

  const sent = kind => new Promise(done => waiting.push([kind, done]));
  const client = new (binary ? CentrifugeProtobuf : Centrifuge)('ws://nowhere', {
    websocket: Socket, token: 't', data: data({ who: 'Ann "A"' }), name: 'js', version: '1.2.3', headers: { 'x-a': 'b' },
    getToken: async () => 't2', minReconnectDelay: 1, maxReconnectDelay: 1,
  });
  codec = client._codec;
  client.on('error', error => { throw new Error(JSON.stringify(error)); });

  const refreshed = sent('refresh');
  client.connect();
  await client.ready();
  await refreshed;
  Socket.last.answer([{}]);
  await sent('pong');

  const all = client.newSubscription('room:ä', {
    token: 'st', getToken: async () => 'st2', data: data({ a: [1] }), positioned: true, recoverable: true, joinLeave: true,
    since: { offset: 9007199254740991, epoch: 'ep' }, delta: 'fossil',
  });
  const subRefreshed = sent('sub_refresh');
  all.subscribe();
  await subRefreshed;

  const filtered = client.newSubscription('filtered', {
    tagsFilter: {
      op: 'and', nodes: [
        { key: 'ticker', cmp: 'in', vals: ['BTC', 'ETH'] },
        { op: 'or', nodes: [{ key: 'price', cmp: 'gte', val: '10.5' }, { op: 'not', nodes: [{ key: 'old', cmp: 'ex' }] }] },
      ],
    },
    getState: async () => ({ offset: 0, epoch: '' }),
  });
  filtered.subscribe();
  await filtered.ready();

  await client.publish('news', data({ text: 'line\nbreak \u2028 ✓' }));
  await client.presence('news');
  await client.presenceStats('news');
  await client.history('news', { limit: 10, since: { offset: 4, epoch: 'e' }, reverse: true });
  await client.history('news', { limit: -1 });
  await client.rpc('sum', data([1, 2]));
  client.send(data('hello'));
  await sent('send');
  const left = sent('unsubscribe');
  all.unsubscribe();
  filtered.unsubscribe();
  await left;

  const again = sent('connect');
  Socket.last.close(3001, 'shutdown');
  await again;
  await client.ready();
  client.disconnect();

  frames.push(...[codec.encodeCommands([{ id: 99, ping: {} }])].map(frame => binary ? Buffer.from(frame).toString('hex') : frame));
  return frames;
}

const what = ['connect', 'refresh', 'pong', 'subscribe', 'sub_refresh', 'subscribe filtered', 'publish', 'presence', 'presence_stats',
  'history', 'history all', 'rpc', 'send', 'unsubscribe', 'unsubscribe filtered', 'connect again', 'ping'];

(async () => {
  const json = await record(false);
  const protobuf = await record(true);
  if (json.length !== what.length || protobuf.length !== what.length) {
    throw new Error(`${json.length} and ${protobuf.length} frames, not ${what.length}:\n${json.join('\n')}`);
  }
  process.stdout.write(JSON.stringify(what.map((what, i) => ({ what, json: json[i], protobuf: protobuf[i] })), null, 1) + '\n', () => process.exit(0));
})();
