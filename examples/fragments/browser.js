// Two windows of Chromium, driven by tests.rs: `node browser.js <address> <chromium>`.
const { chromium } = require('playwright-core');

const [address, executablePath] = process.argv.slice(2);

const cards = page =>
  page.$$eval('#cards > li', all => all.map(card => [card.id, card.textContent.trim()]));

const until = async (page, titles) => {
  await page.waitForFunction(count => document.querySelectorAll('#cards > li').length >= count, titles);
  await page.waitForFunction(count => document.getElementById('count').textContent === `${count}`, titles);
  return cards(page);
};

const add = async (page, title) => {
  await page.fill('input', title);
  await page.click('button');
};

(async () => {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const pages = [await browser.newPage(), await browser.newPage()];
  const [ann, bob] = pages;
  const seen = { errors: [] };
  for (const page of pages) {
    page.on('pageerror', error => seen.errors.push(error.message));
    await page.goto(address);
  }
  await add(ann, '<i>one</i>');
  await until(bob, 1);
  await add(bob, 'two');
  seen.live = [await until(ann, 2), await until(bob, 2)];

  // Both are sent away, and a card is added while they are.
  await fetch(`${address}away`, { method: 'POST' });
  seen.back = [await until(ann, 3), await until(bob, 3)];

  // What they missed cannot be had any more.
  await fetch(`${address}forget`, { method: 'POST' });
  await ann.waitForFunction(() => document.querySelectorAll('#cards > li').length === 4);
  seen.anew = await cards(ann);
  seen.errors = seen.errors.filter(error => !/EventSource|WebSocket/.test(error));
  console.log(JSON.stringify(seen));
  await browser.close();
})().catch(error => {
  console.error(error);
  process.exit(1);
});
