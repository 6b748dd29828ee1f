// From a first visit to connected accounts, through both sign-ins and the choice of a site.

import assert from 'node:assert/strict';

import { Visitor } from '../visitor.mjs';

export async function connect({ browser, tandem, world, report, looks }) {
  const { newcomer, site, second } = world;
  const visitor = await Visitor.enter(browser, tandem);
  const { page } = visitor;

  await report.check('connect: signed out, the page says how to connect', async () => {
    await visitor.open('/connected');
    await page.locator('main a[href="/connect"]').first().waitFor();
    assert.equal(await page.getByRole('navigation').count(), 0, 'ways that lead nowhere yet');
  });
  await looks.look(visitor, 'connect');

  await report.check('connect: Atlassian asks who it is, and Tandem which site', async () => {
    await visitor.follow(() => page.locator('main a[href="/connect"]').first().click());
    await page.locator(`input[name=login_as][value="${newcomer.accountId}"]`).check();
    await visitor.press('Accept');
    assert.match(await visitor.heading(), /which Jira site/i);
    assert.equal(await page.getByRole('radio').count(), 2);
    assert.match(await visitor.text(), new RegExp(`${site.host}[^]*${second.host}|${second.host}[^]*${site.host}`));
  });
  await looks.look(visitor, 'pick a site');

  await report.check('connect: without a choice the form does not go', async () => {
    const before = page.url();
    await page.getByRole('button').click();
    assert.equal(page.url(), before);
  });
  await report.check('connect: Microsoft asks who it is, and the accounts are connected', async () => {
    await page.getByRole('radio', { name: site.host }).check();
    await visitor.press(/microsoft/i);
    await visitor.follow(() =>
      page.locator(`a[href*="login_as=${newcomer.objectId}"]`).click());
    assert.equal(visitor.path(), '/connected');
    const text = await visitor.text();
    for (const shown of [site.host, newcomer.accountId, newcomer.objectId, newcomer.tenantId]) {
      assert.ok(text.includes(shown), `${shown} is not shown`);
    }
    assert.ok(await tandem.isLinked(newcomer));
  });
  await looks.look(visitor, 'connected');

  await report.check('connect: going back into a sign-in that is over begins nothing', async () => {
    const state = await startedSignIn(visitor);
    await visitor.open(`/connect/atlassian/callback?state=${state}x&code=nothing`);
    assert.ok(visitor.answer.status() >= 400 && visitor.answer.status() < 500);
    await page.locator('main a[href="/connect"]').waitFor();
  });
  await looks.look(visitor, 'sign-in over');

  await report.check('connect: declining at Atlassian leads back to a page that says so', async () => {
    await visitor.open('/connect');
    await visitor.press('Deny');
    assert.ok(visitor.answer.status() >= 400 && visitor.answer.status() < 500);
    await page.locator('main a[href="/connect"]').waitFor();
  });
  await looks.look(visitor, 'declined');
  return visitor;
}

/** Begins a sign-in; gives its state. */
async function startedSignIn(visitor) {
  await visitor.open('/connect');
  return new URL(visitor.page.url()).searchParams.get('state');
}
