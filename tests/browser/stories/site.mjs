// What an admin of a site sees of it, and the list of what an operator has to do first.

import assert from 'node:assert/strict';

import { Visitor } from '../visitor.mjs';
import { assertWordless, download } from './data.mjs';

export async function site({ browser, tandem, world, report, looks }) {
  const { admin: who, member: other, site: { host, cloudId } } = world;
  const admin = await Visitor.enter(browser, tandem, who.session);
  await report.check('site: its state, after a comment was carried', async () => {
    await admin.open('/admin');
    const text = await admin.text();
    assert.ok(text.includes(host) && text.includes(cloudId));
    const stated = await tandem.call('GET', '/instance', undefined, who.session);
    const seen = stated.webhook.lastSeenAt;
    assert.ok(seen, 'no webhook was seen');
    assert.equal(await admin.page.locator(`time[datetime="${seen}"]`).count(), 1, seen);
    const { done } = stated.deliveries;
    assert.ok(done >= 1, 'no delivery of the last hour');
    const figure = admin.page.locator('.figures div').filter({ hasText: 'Carried over' });
    assert.equal(await figure.locator('dd').innerText(), String(done));
  });
  await looks.look(admin, 'site');

  await report.check('site: all that lies under it comes as a file', async () => {
    const file = await download(admin, () =>
      admin.page.locator('main a[href="/instance/data"]').first().click());
    const whole = JSON.stringify(JSON.parse(file));
    for (const id of [cloudId, who.accountId, other.objectId, world.chatId]) {
      assert.ok(whole.includes(id), `${id} is not in the file`);
    }
    assert.ok(!whole.includes(world.second.cloudId), 'another site is in it');
    assertWordless(looks, file);
  });
  await report.check('site: it is not erased for a word that is not its host', async () => {
    await admin.page.locator('#host').fill(world.second.host);
    await admin.press(/erase/i);
    assert.equal(admin.answer.status(), 400);
    assert.equal((await tandem.call('GET', '/instance', undefined, who.session)).cloudId, cloudId);
  });
  await looks.look(admin, 'site not erased');

  const member = await Visitor.enter(browser, tandem, other.session);
  await report.check('site: its state and its data are for admins', async () => {
    await member.open('/admin');
    assert.equal(member.answer.status(), 403);
    const answer = await fetch(`${tandem.url}/instance/data`, { headers: { cookie: other.session.cookie } });
    assert.equal(answer.status, 403);
  });
  await looks.look(member, 'site not permitted');
  await member.leave();

  await report.check('setup: for the admin, what is done is marked', async () => {
    await admin.open('/setup');
    assert.equal(admin.answer.status(), 200);
    assert.ok((await admin.text()).includes(`/jira/${cloudId}/webhooks`), 'the address of the webhook');
    const marks = {
      'Register the webhook in Jira': /Done/,
      'Connect your accounts': /Done/,
      'Administer the site': /Done/,
      'Start a chat from an issue': /Done/,
      'Install the Teams app': /To do/,
    };
    for (const [title, mark] of Object.entries(marks)) {
      const heading = admin.page.getByRole('heading', { name: title });
      const step = admin.page.getByRole('listitem').filter({ has: heading });
      assert.match(await step.locator('strong').innerText(), mark, title);
    }
  });
  await looks.look(admin, 'setup');
  await admin.leave();

  const stranger = await Visitor.enter(browser, tandem);
  await report.check('setup: read without a session, it says nothing of a site', async () => {
    await stranger.open('/setup');
    assert.equal(stranger.answer.status(), 200);
    const text = await stranger.text();
    assert.ok(text.includes(`${tandem.url}/connect/atlassian/callback`), 'the address to register');
    assert.ok(!text.includes(host) && !text.includes(cloudId));
  });
  await looks.look(stranger, 'setup signed out');
  await stranger.leave();
}
