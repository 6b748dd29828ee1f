// Pages in frames: where they are meant to be, and where they are not.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';

import { until } from '../../support/waiting.mjs';
import { cookies } from '../visitor.mjs';

const HOSTS = ['https://demo.atlassian.net', 'https://teams.microsoft.com'];

export async function embedding({ browser, tandem, world, report }) {
  const page = async (session) => {
    const context = await browser.newContext({ locale: 'en-US' });
    await context.addCookies(cookies(tandem, session));
    return context.newPage();
  };
  const around = (path) =>
    `<!doctype html><title>Around</title><iframe src="${tandem.url}${path}" width="600" height="600"></iframe>`;

  for (const host of HOSTS) {
    await report.check(`embedding: my settings show and save in a frame of ${host}`, async () => {
      const outside = await page(world.member.session);
      await outside.route(`${host}/**`, (route) =>
        route.fulfill({ contentType: 'text/html', body: around('/my/settings') }));
      await outside.goto(`${host}/around`);
      const frame = outside.frameLocator('iframe');
      await frame.getByRole('heading', { level: 1, name: 'My settings' }).waitFor();
      await frame.locator('#notify_assigned').selectOption('off');
      await frame.getByRole('button', { name: 'Save' }).click();
      await frame.getByRole('status').waitFor();
      await outside.context().close();
    });
  }
  await report.check('embedding: what is not meant for frames shows in none', async () => {
    const [host] = HOSTS;
    for (const path of ['/connected', '/my/data', '/admin']) {
      const outside = await page(world.member.session);
      await outside.route(`${host}/**`, (route) =>
        route.fulfill({ contentType: 'text/html', body: around(path) }));
      await assertRefused(outside, `${host}/around`, path);
    }
  });
  await report.check('embedding: in a frame of somebody else my settings do not show', async () => {
    const server = createServer((_, response) =>
      response.setHeader('content-type', 'text/html').end(around('/my/settings')));
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const outside = await page(world.member.session);
      await assertRefused(outside, `http://localhost:${server.address().port}/`, '/my/settings');
    } finally {
      server.close();
    }
  });
}

/** Fails unless the browser refuses to show the frame on account of the policy, and shows nothing. */
async function assertRefused(outside, address, path) {
  const complaints = [];
  outside.on('console', (message) => complaints.push(message.text()));
  await outside.goto(address);
  await until(`refusal to frame ${path}`, () => complaints.some((it) => it.includes('frame-ancestors')));
  const shown = outside.frames().filter((frame) => frame !== outside.mainFrame());
  for (const frame of shown) {
    assert.equal(await frame.locator('h1, form').count(), 0, `${path} shows in a frame`);
  }
  await outside.context().close();
}
