// The cards: what is known of them, and how they are shown.

const STATUSES = ['todo', 'doing', 'done'];
const columns = new Map([...document.querySelectorAll('#board section')].map(one => [one.dataset.status, one.querySelector('ul')]));
const template = document.querySelector('#card');

let cards = new Map();
let gone = new Set();
// What was heard while the board was being read.
let waiting = null;
let isRead = false;
// What the page does with a change: `change(card, {..})`, `remove(card)`, `typing(card or null)`.
let act;
let users = new Map();

export function setUp(actions, people) {
  act = actions;
  users = people;
}

export const isWhole = () => isRead;

export function clear() {
  [cards, gone, waiting, isRead] = [new Map(), new Set(), null, false];
  show();
}

// Reads the board anew. What happens meanwhile is kept, and counts if it is newer.
export async function read(all) {
  const mine = [];
  waiting = mine;
  isRead = false;
  try {
    const fresh = await all();
    if (waiting !== mine) return;
    cards = new Map(fresh.map(card => [card.id, card]));
    gone = new Set();
    isRead = true;
  } finally {
    if (waiting === mine) {
      waiting = null;
      mine.forEach(take);
      show();
    }
  }
}

export function hear(event) {
  if (waiting) waiting.push(event);
  else {
    take(event);
    show();
  }
}

function take(event) {
  if (event.event === 'removed') {
    gone.add(event.card);
    cards.delete(event.card);
  } else if (!gone.has(event.card.id) && !(cards.get(event.card.id)?.version >= event.card.version)) {
    cards.set(event.card.id, event.card);
  }
}

// Shows what is known, in place of what was typed or chosen.
export function show() {
  for (const [status, list] of columns) {
    const here = [...cards.values()].filter(card => card.status === status).sort((a, b) => a.id - b.id);
    const shown = here.map(card => fill(document.querySelector(`[data-card="${card.id}"]`) ?? make(card.id), card));
    for (const one of [...list.children]) if (!shown.includes(one)) one.remove();
    // One that stands where it should is not moved: moving it would take the focus from it.
    shown.forEach((one, at) => list.children[at] === one || list.insertBefore(one, list.children[at] ?? null));
    list.parentElement.querySelector('h2').dataset.count = here.length;
  }
}

function make(id) {
  const one = template.content.firstElementChild.cloneNode(true);
  const part = name => one.querySelector(name);
  one.dataset.card = id;
  part('.typing').dataset.typing = id;
  const title = part('.title');
  title.addEventListener('input', () => act.typing(id));
  title.addEventListener('blur', () => act.typing(null));
  title.addEventListener('change', () => act.change(cards.get(id), { title: title.value }));
  title.addEventListener('keydown', event => {
    if (event.key === 'Escape') title.value = cards.get(id).title;
    if (event.key === 'Enter' || event.key === 'Escape') title.blur();
  });
  part('.remove').addEventListener('click', () => act.remove(cards.get(id)));
  const move = by => () => {
    const card = cards.get(id);
    act.change(card, { status: STATUSES[STATUSES.indexOf(card.status) + by] });
  };
  part('.back').addEventListener('click', move(-1));
  part('.on').addEventListener('click', move(1));
  part('.assignee').addEventListener('change', event =>
    act.change(cards.get(id), { assignee: event.target.value ? Number(event.target.value) : null }));
  part('.grip').addEventListener('dragstart', event => {
    event.dataTransfer.setData('text/x-card', String(id));
    event.dataTransfer.setDragImage(one, 10, 10);
  });
  return one;
}

function fill(one, card) {
  const part = name => one.querySelector(name);
  const title = part('.title');
  // Nobody's words are taken from under their fingers.
  if (document.activeElement !== title) title.value = card.title;
  part('.labels').replaceChildren(...card.labels.map(label => {
    const chip = document.createElement('span');
    chip.textContent = label;
    return chip;
  }));
  const nobody = new Option('nobody', '');
  part('.assignee').replaceChildren(nobody, ...[...users.values()].map(user => new Option(user.name, user.id)));
  part('.assignee').value = card.assignee ?? '';
  part('.face').hidden = card.assignee === null;
  if (card.assignee !== null) part('.face').src = `/api/users/${card.assignee}/avatar`;
  part('.back').disabled = card.status === STATUSES[0];
  part('.on').disabled = card.status === STATUSES.at(-1);
  return one;
}

for (const [status, list] of columns) {
  const column = list.parentElement;
  column.addEventListener('dragover', event => {
    if (event.dataTransfer.types.includes('text/x-card')) event.preventDefault();
  });
  column.addEventListener('drop', event => {
    const card = cards.get(Number(event.dataTransfer.getData('text/x-card')));
    event.preventDefault();
    if (card && card.status !== status) act.change(card, { status });
  });
}
