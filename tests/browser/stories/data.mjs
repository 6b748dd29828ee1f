// What is stored of a person: read, taken away, and which uses were made of their tokens.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { Visitor } from '../visitor.mjs';

export async function data({ browser, tandem, world, report, looks }) {
  const { member } = world;
  const visitor = await Visitor.enter(browser, tandem, member.session);
  await report.check('my data: says what is stored, what for and how long', async () => {
    await visitor.open('/my/data');
    const text = await visitor.text();
    for (const id of [member.accountId, member.objectId, member.tenantId]) {
      assert.ok(text.includes(id), `${id} is not shown`);
    }
    assert.match(text, /what for/i);
    assert.match(text, /kept/i);
  });
  await looks.look(visitor, 'my data');

  await report.check('my data: comes as a file of JSON with everything and nothing else', async () => {
    const link = visitor.page.locator('main a[href^="/me/data"]').first();
    const file = await download(visitor, () => link.click());
    const whole = JSON.stringify(JSON.parse(file));
    for (const id of [member.accountId, member.objectId, member.tenantId]) {
      assert.ok(whole.includes(id), `${id} is not in the file`);
    }
    assertWordless(looks, file);
    for (const other of [world.ender, world.newcomer]) {
      assert.ok(!whole.includes(other.accountId) && !whole.includes(other.objectId), 'others are in it');
    }
    const [, token] = member.session.cookie.split('=');
    assert.ok(!whole.includes(token), 'the session is in it');
  });
  await report.check('my data: each use of a token is listed', async () => {
    await visitor.page.locator('main a[href="/my/ledger"]').first().click();
    await visitor.page.waitForURL('**/my/ledger');
    assert.ok(await visitor.page.getByRole('row').count() > 1, 'no use is listed');
    assert.ok(await visitor.page.locator('time').count() > 0);
  });
  await looks.look(visitor, 'my ledger');

  await report.check('inventory: a browser gets a page, a program JSON', async () => {
    await visitor.open('/inventory');
    assert.equal(visitor.answer.status(), 200);
    const inventory = await tandem.call('GET', '/inventory');
    const text = await visitor.text();
    const entities = JSON.stringify(inventory).match(/"entity":"(\w+)"/g);
    assert.ok(entities.length > 10, `only ${entities}`);
    for (const entity of entities) {
      const [, name] = entity.match(/:"(\w+)"/);
      assert.ok(text.includes(name), `${name} is not on the page`);
    }
  });
  await looks.look(visitor, 'inventory');
  await visitor.leave();
}

/** The text of the file that comes when this is done. */
export async function download(visitor, act) {
  const [file] = await Promise.all([visitor.page.waitForEvent('download'), act()]);
  assert.match(file.suggestedFilename(), /\.json$/);
  return readFile(await file.path(), 'utf8');
}

/** Fails if anything that people wrote, or their names, is in it. */
export function assertWordless(looks, text) {
  assert.deepEqual(looks.words.filter((word) => text.includes(word)), []);
}
