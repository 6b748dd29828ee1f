// Erasing a person and a site, the receipts of both, disconnecting, and what is left afterwards.
// The last of the stories: it moves the time of the stack.

import assert from 'node:assert/strict';

import { until } from '../../support/waiting.mjs';
import { Visitor } from '../visitor.mjs';

/** An erasure is done when nothing more turned up for two minutes. */
const QUIET = 130;
/** A session lasts eight hours. */
const SESSION = 8 * 3600 + 60;

export async function erase(play) {
  const leaver = await Visitor.enter(play.browser, play.tandem, play.world.leaver.session);
  const ender = await Visitor.enter(play.browser, play.tandem, play.world.ender.session);
  await person(play, leaver);
  await site(play, ender);
  await disconnect(play);
  await receipts(play, leaver, ender);
  await expired(play);
}

async function person({ report, looks, tandem, world }, visitor) {
  await report.check('erase: without the tick nothing is erased', async () => {
    await visitor.open('/my/data');
    const path = visitor.path();
    await visitor.page.getByRole('button', { name: /erase/i }).click();
    assert.equal(visitor.path(), path);
    const answer = await fetch(`${tandem.url}/my/erasure`, {
      method: 'POST',
      headers: { cookie: world.leaver.session.cookie },
      body: new URLSearchParams({ csrf: world.leaver.session.csrfToken }),
    });
    assert.equal(answer.status, 400);
    assert.ok(await tandem.isLinked(world.leaver));
  });
  await report.check('erase: with it there is a receipt, and the session is over', async () => {
    await visitor.page.getByRole('checkbox').check();
    await visitor.press(/erase/i);
    assert.ok(visitor.answer.status() < 300);
    assert.ok(!await tandem.isLinked(world.leaver));
    assert.deepEqual(await sessionCookies(visitor), []);
    assert.equal(await status(tandem, '/session', world.leaver.session), 401);
  });
  await looks.look(visitor, 'erased');
}

async function site({ report, looks, tandem, world }, visitor) {
  await report.check('erase a site: its host is typed, and there is a receipt', async () => {
    await visitor.open('/admin');
    await visitor.page.locator('#host').fill(world.second.host);
    await visitor.press(/erase/i);
    assert.ok(visitor.answer.status() < 300);
    assert.deepEqual(await sessionCookies(visitor), []);
    assert.equal(await status(tandem, '/session', world.ender.session), 401);
  });
  await looks.look(visitor, 'site erased');
  await report.check('erase a site: the other one is there as before', async () => {
    assert.equal(await status(tandem, '/instance', world.admin.session), 200);
  });
}

async function disconnect({ browser, report, looks, tandem, world }) {
  const visitor = await Visitor.enter(browser, tandem, world.member.session);
  await report.check('disconnect: the link and the session are over', async () => {
    await visitor.open('/connected');
    await visitor.press(/disconnect/i);
    assert.ok(visitor.answer.status() < 300);
    assert.ok(!await tandem.isLinked(world.member));
    assert.deepEqual(await sessionCookies(visitor), []);
  });
  await looks.look(visitor, 'disconnected');
  await visitor.leave();
}

async function receipts({ report, looks, tandem, world }, leaver, ender) {
  const open = async (visitor) => {
    const href = await visitor.page.locator('main a[href^="/receipts/"]').first().getAttribute('href');
    await visitor.open(href);
    return href;
  };
  let [ofPerson, ofSite] = [];
  await report.check('receipts: under way at first, readable without a session', async () => {
    [ofPerson, ofSite] = [await open(leaver), await open(ender)];
    for (const visitor of [leaver, ender]) {
      assert.equal(visitor.answer.status(), 200);
      assert.match(await visitor.text(), /under way/i);
    }
  });
  await looks.look(leaver, 'receipt under way');

  await report.check('receipts: done when nothing is found any more', async () => {
    await until('end of both erasures', async () => {
      await tandem.upkeep();
      await tandem.forward(QUIET);
      const both = [await tandem.call('GET', ofPerson), await tandem.call('GET', ofSite)];
      return both.every((receipt) => receipt.finishedAt);
    });
    for (const visitor of [leaver, ender]) {
      await visitor.page.reload();
      assert.match(await visitor.text(), /the erasure is done/i);
    }
  });
  await looks.look(leaver, 'receipt');
  await report.check('receipts: they hold counts and times, and name nobody', async () => {
    const { leaver: one, ender: two, second } = world;
    const ids = [one.accountId, one.objectId, two.accountId, second.cloudId, second.host];
    for (const [visitor, path] of [[leaver, ofPerson], [ender, ofSite]]) {
      const said = await visitor.page.content() + JSON.stringify(await tandem.call('GET', path));
      assert.deepEqual(ids.filter((id) => said.includes(id)), []);
    }
  });
  await report.check('receipts: nothing of either is stored any more', async () => {
    const left = JSON.stringify(await tandem.call('GET', '/local/items'));
    const ids = [world.leaver.accountId, world.leaver.objectId, world.second.cloudId];
    assert.deepEqual(ids.filter((id) => left.includes(id)), []);
  });
  await report.check('receipts: one that there is not is not found', async () => {
    await leaver.open('/receipts/00000000000000000000000000000000');
    assert.equal(leaver.answer.status(), 404);
  });
  await looks.look(leaver, 'no such receipt');
  await leaver.leave();
  await ender.leave();
}

async function expired({ browser, report, tandem, world }) {
  const visitor = await Visitor.enter(browser, tandem, world.admin.session);
  await report.check('a session ends after eight hours, and the page says how to go on', async () => {
    await visitor.open('/connected');
    assert.ok((await visitor.text()).includes(world.admin.accountId));
    await visitor.open('/my/settings');
    await tandem.forward(SESSION);
    await visitor.press('Save');
    assert.equal(visitor.answer.status(), 401);
    await visitor.page.locator('main a[href="/connect"]').waitFor();
  });
  await visitor.leave();
}

/** The names of the session cookies that the browser still has. */
async function sessionCookies(visitor) {
  const cookies = await visitor.context.cookies(visitor.stack.url);
  return cookies.map(({ name }) => name).filter((name) => name.startsWith('__Host-tandem'));
}

/** The status that somebody gets. */
async function status(tandem, path, session) {
  return (await fetch(tandem.url + path, { headers: { cookie: session.cookie } })).status;
}
