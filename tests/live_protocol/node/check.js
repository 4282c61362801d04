// Shows to npm's centrifuge what this crate wrote. Reads {frames: [{codec, frame}], deltas: [{codec, old, data}]} with bytes as
// hex, prints {frames: [[reply, ..], ..], deltas: [new, ..]}. Bytes that Protobuf holds are printed as text.
const { Centrifuge } = require('centrifuge');
const { Centrifuge: CentrifugeProtobuf } = require('centrifuge/build/protobuf');

const codecs = { json: new Centrifuge('ws://nowhere')._codec, protobuf: new CentrifugeProtobuf('ws://nowhere')._codec };
const bytes = hex => Buffer.from(hex, 'hex');
const input = { json: hex => bytes(hex).toString('utf8'), protobuf: bytes };

// Numbers of 64 bits, bytes and the prototypes that hold defaults are told apart from plain JSON only here.
const plain = value => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value.toNumber === 'function') return value.toNumber();
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, value]) => [key, plain(value)]));
  return value;
};

const { frames, deltas } = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify({
  frames: frames.map(({ codec, frame }) => codecs[codec].decodeReplies(input[codec](frame)).map(plain)),
  // `frame` is a push of a publication; `old` is what the client has already.
  deltas: deltas.map(({ codec, old, frame }) => {
    const [{ push: { pub } }] = codecs[codec].decodeReplies(input[codec](frame));
    const { newPrevValue, isDelta } = codecs[codec].applyDeltaIfNeeded(pub, old === null ? undefined : new Uint8Array(bytes(old)));
    return { isDelta, data: Buffer.from(newPrevValue).toString('hex') };
  }),
}), () => process.exit(0));
