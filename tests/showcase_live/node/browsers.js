// The showcase's board in several browsers at once. Waits for what is to be seen, never for a time.
//
// Usage: node browsers.js SHOWCASE PORT DATABASE CHROMIUM FOLDER, where the folder is for screenshots and the server's log.
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { once } = require('node:events');
const { chromium } = require('playwright-core');

const [showcase, port, database, executablePath, folder] = process.argv.slice(2);
const base = `http://127.0.0.1:${port}`;
const log = fs.openSync(path.join(folder, 'server.log'), 'w');

// ------------------------------------------------------------------------------------------------------- the server

let server = null;

async function startServer() {
  server = spawn(showcase, ['--port', port, '--database', database], { stdio: ['ignore', 'inherit', 'pipe'] });
  const started = server;
  let text = '';
  await new Promise((listens, fails) => {
    started.once('exit', code => fails(new Error(`the showcase ended with ${code}:\n${text}`)));
    started.once('error', fails);
    started.stderr.on('data', data => {
      fs.writeSync(log, data);
      text += data;
      if (text.includes('the board: http')) listens();
    });
  });
}

async function stopServer(signal) {
  const ended = once(server, 'exit');
  server.kill(signal);
  const [code] = await ended;
  server = null;
  return code;
}

// Whatever happens: it does not outlive this.
process.on('exit', () => server?.kill('SIGKILL'));
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => process.exit(1));

// As a program would, beside all browsers.
async function ask(method, at, body) {
  const headers = { 'x-api-key': 'demo-key-ci', ...(body && { 'content-type': 'application/json' }) };
  const answer = await fetch(base + at, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${at}: ${answer.status}`);
  return answer.status === 204 ? undefined : answer.json();
}

// ----------------------------------------------------------------------------------------------------- the browsers

let browser = null;
const faults = [];
const pages = new Map();

async function device(name, email, prepare = async () => {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 } });
  await prepare(context);
  const page = await context.newPage();
  pages.set(name, page);
  page.on('pageerror', error => faults.push(`${name}: ${error.stack}`));
  page.on('console', message => {
    if (/Content Security Policy|Uncaught/.test(message.text())) faults.push(`${name}: ${message.text()}`);
  });
  await page.goto(base);
  await page.fill('[name=email]', email);
  await page.fill('[name=password]', 'correct horse battery');
  await page.click('#sign-in button');
  await see(page, '#state[data-state=connected]');
  await see(page, '[data-card="1"]');
  return page;
}

const see = (page, selector, options) => page.waitForSelector(selector, options);
const gone = (page, selector) => page.waitForSelector(selector, { state: 'detached' });
const titles = page => page.$$eval('#board .title', all => all.map(one => one.value));
const column = (status, card) => `[data-status=${status}] [data-card="${card}"]`;
// The field's value is no attribute, so no selector can see it.
const seeTitle = (page, card, title) =>
  page.waitForFunction(([card, title]) => document.querySelector(`[data-card="${card}"] .title`)?.value === title, [card, title]);

async function shoot(name) {
  for (const [who, page] of pages) {
    await page.screenshot({ path: path.join(folder, `${name}-${who}.png`) });
  }
}

// --------------------------------------------------------------------------------------------------------- the play

async function changesArrive(ada, bob) {
  for (const page of [ada, bob]) {
    await see(page, '.avatar[data-user="1"]');
    await see(page, '.avatar[data-user="2"]');
    assert.equal(await page.locator('.avatar').count(), 2);
  }
  await ada.fill('#new-card [name=title]', 'Bake a cake');
  await see(bob, '#new-card .typing:has-text("Ada is typing")');
  await ada.press('#new-card [name=title]', 'Enter');
  const card = await (await see(bob, '.card:nth-child(2)')).getAttribute('data-card');
  await seeTitle(bob, card, 'Bake a cake');
  await see(bob, '#feed li:has-text("Ada added “Bake a cake”")');

  await bob.click(`[data-card="${card}"] .on`);
  await see(ada, column('doing', card));
  await see(ada, '#feed li:has-text("Bob moved “Bake a cake”")');

  const title = `[data-card="${card}"] .title`;
  await ada.fill(title, 'Bake two cakes');
  await see(bob, `[data-card="${card}"] .typing:has-text("Ada is typing")`);
  await shoot('1-typing');
  await ada.press(title, 'Enter');
  await seeTitle(bob, card, 'Bake two cakes');
  // Nobody types any more.
  await see(bob, `[data-card="${card}"] .typing:empty`, { state: 'attached' });

  await ada.dragAndDrop(`[data-card="${card}"] .grip`, '[data-status=done] h2');
  await see(bob, column('done', card));

  const box = await ada.locator('#board').boundingBox();
  await ada.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
  await bob.waitForFunction(() => {
    const one = document.querySelector('.cursor[data-user="1"]');
    return one && !one.hidden && Math.abs(parseFloat(one.style.left) - 25) < 1 && Math.abs(parseFloat(one.style.top) - 50) < 1;
  });

  await ada.mouse.move(5, 5);
  await see(bob, '.cursor[data-user="1"]', { state: 'hidden' });

  await bob.click('[data-card="2"] .remove');
  await gone(ada, '[data-card="2"]');
}

async function aUserHasDevices(ada, bob) {
  const train = { open: true, socket: null, reads: 0 };
  const phone = await device('phone', 'bob@example.org', async context => {
    await context.routeWebSocket(/\/api\/live\/websocket/, socket => {
      if (!train.open) return void socket.close();
      const far = socket.connectToServer();
      train.socket = { close: () => Promise.all([socket.close(), far.close()]) };
    });
    context.on('request', request => (train.reads += /\/cards\?/.test(request.url()) ? 1 : 0));
  });
  // One more device, and still two people. What happened before it came is in its feed.
  await see(phone, '.avatar[data-user="1"]');
  for (const page of [ada, bob, phone]) assert.equal(await page.locator('.avatar').count(), 2);
  await see(phone, '#feed li:has-text("Ada added “Bake a cake”")');

  await ada.selectOption('[data-card="1"] .assignee', { label: 'Bob' });
  for (const page of [bob, phone]) await see(page, '.toast:has-text("Ada gave you a card: “Write the README”")');
  assert.equal(await ada.locator('.toast').count(), 0);
  await shoot('2-notice');

  // Into a tunnel, and out again: what happened meanwhile comes by itself, in its order, and the board is not read again.
  const reads = train.reads;
  train.open = false;
  await train.socket.close();
  await see(phone, '#state[data-state=connecting]');
  await ada.click('[data-card="1"] .on');
  await see(bob, column('done', 1));
  const missed = await ask('POST', '/api/boards/1/cards', { title: 'Said in the tunnel', assignee: 2 });
  await seeTitle(bob, missed.id, 'Said in the tunnel');
  assert.equal(await phone.locator(column('done', 1)).count(), 0);
  train.open = true;
  await see(phone, column('done', 1));
  await seeTitle(phone, missed.id, 'Said in the tunnel');
  await see(phone, '.toast:has-text("service:ci gave you a card: “Said in the tunnel”")');
  await see(phone, '#feed li:has-text("service:ci added “Said in the tunnel”")');
  assert.equal(train.reads, reads, 'recovered, not read');
  assert.equal(await phone.locator('#feed li:has-text("Said in the tunnel")').count(), 1);
  return { phone, train };
}

async function theServerComesBack(ada, bob, { phone, train }) {
  // The phone comes back later than the others, and cannot have heard of what was made.
  train.open = false;
  const reads = train.reads;
  assert.equal(await stopServer('SIGKILL'), null);
  for (const page of [ada, bob]) await see(page, '#state[data-state=connecting]');
  await shoot('3-server-gone');
  await startServer();
  const made = await ask('POST', '/api/boards/1/cards', { title: 'Made after the restart', status: 'doing' });
  train.open = true;
  for (const page of [ada, bob, phone]) {
    await see(page, '#state[data-state=connected]');
    await see(page, column('doing', made.id));
    await see(page, '.avatar[data-user="1"]');
    await see(page, '.avatar[data-user="2"]');
  }
  assert.equal(train.reads, reads + 1, 'its memory is gone, so the board is read again');
  await ada.click(`[data-card="${made.id}"] .on`);
  for (const page of [bob, phone]) await see(page, column('done', made.id));
  await bob.fill('#new-card [name=title]', 'All is well');
  await bob.press('#new-card [name=title]', 'Enter');
  await see(ada, '#feed li:has-text("Bob added “All is well”")');
  const { items } = await ask('GET', '/api/boards/1/cards?per_page=100');
  const there = items.map(card => card.title).sort();
  for (const page of [ada, bob, phone]) {
    await page.waitForFunction(count => document.querySelectorAll('#board .card').length === count, there.length);
    assert.deepEqual((await titles(page)).sort(), there);
  }
  await shoot('4-server-back');
  await phone.context().close();
  pages.delete('phone');
}

async function signingOutEndsWhatIsOpen(ada, bob) {
  const second = await bob.context().newPage();
  pages.set('second-tab', second);
  await second.goto(base);
  await see(second, '#state[data-state=connected]');
  await bob.click('#sign-out');
  for (const page of [bob, second]) await see(page, '#sign-in');
  await gone(ada, '.avatar[data-user="2"]');
  pages.delete('second-tab');
}

async function theServerIsToldToEnd(ada) {
  const code = stopServer('SIGTERM');
  await see(ada, '#state[data-state=connecting]:has-text("shutdown")');
  assert.equal(await code, 0, 'it ends by itself, and well');
}

async function main() {
  await startServer();
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  browser = await chromium.launch({ executablePath, args: [...args, '--disable-dev-shm-usage'] });
  const ada = await device('ada', 'ada@example.org');
  const bob = await device('bob', 'bob@example.org');
  await changesArrive(ada, bob);
  const second = await aUserHasDevices(ada, bob);
  await theServerComesBack(ada, bob, second);
  await signingOutEndsWhatIsOpen(ada, bob);
  await theServerIsToldToEnd(ada);
  assert.deepEqual(faults, []);
}

main()
  .catch(async error => {
    console.error(error);
    console.error(faults.join('\n'));
    await shoot('failed').catch(() => {});
    process.exitCode = 1;
  })
  .finally(async () => {
    await browser?.close();
    process.exit();
  });
