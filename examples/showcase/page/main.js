// Signing in, and the live connection: the parts of the page are in the other files.
import { all, call, Refused } from './api.js';
import * as board from './board.js';
import * as people from './people.js';

const at = selector => document.querySelector(selector);

let centrifuge = null;
// The id of this connection.
let client = null;
let pointers = null;
let users = new Map();

// ------------------------------------------------------------------------------------------------ signing in and out

async function start() {
  try {
    const me = await call('GET', '/me');
    users = new Map((await all('/users')).map(user => [user.id, user]));
    people.setUp(users);
    board.setUp({ change, remove, typing }, users);
    const boards = await all('/boards');
    at('#boards').replaceChildren(...boards.map(one => new Option(one.title, one.id)));
    at('#sign-out').title = `You are ${people.nameOf(me.sub.split(':')[1])}`;
    signedIn(true);
    connect();
  } catch (error) {
    if (!(error instanceof Refused && error.status === 401)) people.toast(String(error.message), 'fault');
    signedOut();
  }
}

function signedIn(yes) {
  at('#sign-in').hidden = yes;
  for (const part of ['#work', '#boards', '#sign-out']) at(part).hidden = !yes;
}

function signedOut() {
  centrifuge?.disconnect();
  centrifuge = null;
  people.nobody();
  state('disconnected', 'not signed in');
  signedIn(false);
}

at('#sign-in').addEventListener('submit', async event => {
  event.preventDefault();
  const form = event.target;
  const { email, password } = Object.fromEntries(new FormData(form));
  try {
    await call('POST', '/login', { email, password });
    form.elements.password.value = '';
    await start();
  } catch (error) {
    people.toast(error.message, 'fault');
  }
});

at('#sign-out').addEventListener('click', async () => {
  await call('POST', '/logout').catch(() => {});
  signedOut();
});

// ----------------------------------------------------------------------------------------------- the live connection

// It is asked again as soon as there is a connection.
const quietly = () => {};

function state(name, text) {
  at('#state').dataset.state = name;
  at('#state').textContent = text;
}

function connect() {
  const live = `${location.origin}/api/live`;
  centrifuge = new Centrifuge(
    [
      { transport: 'websocket', endpoint: `${live.replace(/^http/, 'ws')}/websocket` },
      // Where something on the way does not let WebSocket pass.
      { transport: 'http_stream', endpoint: `${live}/http_stream` },
      { transport: 'sse', endpoint: `${live}/sse` },
    ],
    { emulationEndpoint: `${live}/emulation`, minReconnectDelay: 200, maxReconnectDelay: 3000 },
  );
  centrifuge
    .on('connected', context => {
      client = context.client;
      state('connected', `live by ${context.transport}`);
    })
    .on('connecting', context => state('connecting', context.code === 0 ? 'connecting…' : `connecting again (${context.reason})…`))
    // Told for good: signed out elsewhere.
    .on('disconnected', context => context.code !== 0 && signedOut())
    // A handshake that fails does not tell why. If the session is over, only a new one helps.
    .on('error', () => call('GET', '/me').catch(error => error.status === 401 && signedOut()))
    // The personal channel, to which the server subscribes by itself.
    .on('publication', context => people.notice(context.data))
    .connect();
  watch(at('#boards').value);
}

function watch(id) {
  for (const old of Object.values(centrifuge.subscriptions())) {
    old.unsubscribe();
    centrifuge.removeSubscription(old);
  }
  board.clear();
  people.nobody();

  const cards = centrifuge.newSubscription(`board:${id}`, { joinLeave: true });
  const readBoard = () =>
    board.read(() => all(`/boards/${id}/cards`)).then(people.showTyping).catch(error => {
      people.toast(`The board cannot be read: ${error.message}`, 'fault');
      if (cards.state === 'subscribed') setTimeout(readBoard, 2000);
    });
  cards
    .on('subscribed', context => {
      // Recovered: what was missed comes as publications. Otherwise only the server knows how things are.
      if (!context.recovered || !board.isWhole()) readBoard();
      people.ask(() => cards.presence()).catch(quietly);
    })
    .on('publication', context => board.hear(context.data))
    .on('join', context => people.join(context.info))
    .on('leave', context => people.leave(context.info))
    .subscribe();

  const activity = centrifuge.newSubscription(`activity:${id}`);
  activity
    .on('subscribed', async context => {
      if (context.recovered) return;
      people.clearFeed();
      const { publications } = await activity.history({ limit: 50, reverse: true }).catch(() => ({ publications: [] }));
      publications.forEach(people.did);
    })
    .on('publication', people.did)
    .subscribe();

  pointers = centrifuge.newSubscription(`pointers:${id}`);
  pointers
    .on('publication', ({ data, info }) => info && info.client !== client && people.point(info.client, info.user, data))
    .subscribe();
}

at('#boards').addEventListener('change', event => watch(event.target.value));

// ---------------------------------------------------------------------------------------------- what is done by hand

async function change(card, changes) {
  await done(async () => {
    const saved = await call('PATCH', `/boards/${card.board}/cards/${card.id}`, changes);
    board.hear({ event: 'saved', card: saved });
  });
}

async function remove(card) {
  await done(async () => {
    await call('DELETE', `/boards/${card.board}/cards/${card.id}`);
    board.hear({ event: 'removed', card: card.id });
  });
}

at('#new-card').addEventListener('submit', async event => {
  event.preventDefault();
  const title = event.target.elements.title;
  await done(async () => {
    const card = await call('POST', `/boards/${at('#boards').value}/cards`, { title: title.value });
    board.hear({ event: 'saved', card });
    title.value = '';
  });
  typing(null);
});

async function done(what) {
  try {
    await what();
  } catch (error) {
    people.toast(error.message, 'fault');
    if (error.status === 401) signedOut();
    // What was typed or chosen did not come to be.
    else board.show();
  }
}

// Where one points, at most twenty times a second; the last place is always told.
const pointer = { at: null, typing: null };
let timer = null;
let isNews = false;

function tell() {
  isNews = true;
  timer ??= setTimeout(() => {
    timer = null;
    if (isNews && pointers?.state === 'subscribed') {
      isNews = false;
      pointers.publish(pointer).catch(quietly);
    }
  }, 50);
}

let pause = null;

function typing(card) {
  clearTimeout(pause);
  if (card !== null) pause = setTimeout(() => typing(null), 5000);
  if (pointer.typing === card) return;
  pointer.typing = card;
  tell();
}

const share = value => Math.min(1, Math.max(0, value));
at('#board').addEventListener('pointermove', event => {
  const box = at('#board').getBoundingClientRect();
  pointer.at = { x: share((event.clientX - box.left) / box.width), y: share((event.clientY - box.top) / box.height) };
  tell();
});
at('#board').addEventListener('pointerleave', () => {
  pointer.at = null;
  tell();
});
at('#new-card').elements.title.addEventListener('input', () => typing(0));
at('#new-card').elements.title.addEventListener('blur', () => typing(null));

start();
