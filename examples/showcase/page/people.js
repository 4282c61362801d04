// People: who is here, where they point, what they type in, what they did, and what one is told.

const avatars = document.querySelector('#avatars');
const cursors = document.querySelector('#cursors');
const feed = document.querySelector('#feed');
const toasts = document.querySelector('#toasts');

let users = new Map();
// The ids of those who are here. One comes with their first device, and leaves with their last.
let present = new Set();
// By connection: whose it is, and the card they type in.
const typing = new Map();
const timers = new Map();

export function setUp(people) {
  users = people;
}

export const nameOf = user => users.get(Number(user))?.name ?? 'somebody';

// `user:1` or `service:ci`, as the API has it.
const nameOfSubject = subject => (subject.startsWith('user:') ? nameOf(subject.slice(5)) : subject);

const hue = user => String((Number(user) * 137) % 360);

// Who came and went while it was asked who is here; `null` when nobody asks.
let meanwhile = null;

export async function ask(presence) {
  const mine = [];
  meanwhile = mine;
  const { clients } = await presence();
  if (meanwhile !== mine) return;
  meanwhile = null;
  present = new Set(Object.values(clients).map(one => one.user));
  mine.forEach(again => again());
  showPresent();
}

export function nobody() {
  meanwhile = null;
  present.clear();
  showPresent();
}

export function join({ user }) {
  present.add(user);
  meanwhile?.push(() => present.add(user));
  showPresent();
}

export function leave({ user }) {
  present.delete(user);
  meanwhile?.push(() => present.delete(user));
  showPresent();
}

function showPresent() {
  avatars.replaceChildren(...[...present].sort().map(user => {
    const one = document.createElement('li');
    one.className = 'avatar';
    one.dataset.user = user;
    one.title = nameOf(user);
    one.style.setProperty('--hue', hue(user));
    const face = document.createElement('img');
    [face.src, face.alt, face.width, face.height] = [`/api/users/${user}/avatar`, nameOf(user), 32, 32];
    one.append(face);
    return one;
  }));
  for (const one of [...cursors.children]) if (!present.has(one.dataset.user)) pointGone(one.dataset.client);
}

// Somebody's pointer: where it is, and the card they type in. One that has rested for long is taken away.
export function point(client, user, pointer) {
  let one = cursors.querySelector(`[data-client="${client}"]`);
  if (!one) {
    one = document.createElement('div');
    one.className = 'cursor';
    [one.dataset.client, one.dataset.user, one.textContent] = [client, user, nameOf(user)];
    one.style.setProperty('--hue', hue(user));
    cursors.append(one);
  }
  one.hidden = pointer.at === null;
  if (pointer.at) {
    one.style.left = `${pointer.at.x * 100}%`;
    one.style.top = `${pointer.at.y * 100}%`;
  }
  if (pointer.typing === null) typing.delete(client);
  else typing.set(client, { user, card: pointer.typing });
  showTyping();
  clearTimeout(timers.get(client));
  timers.set(client, setTimeout(() => pointGone(client), 30_000));
}

function pointGone(client) {
  cursors.querySelector(`[data-client="${client}"]`)?.remove();
  clearTimeout(timers.get(client));
  timers.delete(client);
  typing.delete(client);
  showTyping();
}

export function showTyping() {
  for (const place of document.querySelectorAll('[data-typing]')) {
    const here = [...typing.values()].filter(one => String(one.card) === place.dataset.typing);
    const names = [...new Set(here.map(one => nameOf(one.user)))];
    place.textContent = names.length === 0 ? '' : `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} typing…`;
  }
}

export const clearFeed = () => feed.replaceChildren();

// The latest first, each once: one may come live and with the history.
export function did({ offset, data }) {
  if ([...feed.children].some(one => one.dataset.offset === String(offset))) return;
  const one = document.createElement('li');
  one.dataset.offset = offset;
  const [who, what, when] = ['b', 'span', 'time'].map(name => document.createElement(name));
  who.textContent = nameOfSubject(data.by);
  what.textContent = ` ${data.did}${data.did === 'commented' ? ' on' : ''} “${data.title}” `;
  when.dateTime = data.at;
  when.textContent = new Date(data.at).toLocaleTimeString();
  one.append(who, what, when);
  const before = [...feed.children].find(other => Number(other.dataset.offset) < offset);
  feed.insertBefore(one, before ?? null);
  while (feed.children.length > 50) feed.lastElementChild.remove();
}

export function toast(text, kind = 'notice') {
  const one = document.createElement('p');
  one.className = `toast ${kind}`;
  one.textContent = text;
  one.addEventListener('click', () => one.remove());
  toasts.append(one);
  setTimeout(() => one.remove(), 10_000);
}

export const notice = data =>
  toast(`${nameOfSubject(data.by)} ${data.text}: “${data.title}”`);
