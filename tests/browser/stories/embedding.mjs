// Pages in frames: where they are meant to be, and where they are not.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { launchProfile } from '../../support/chromium.mjs';
import { LIMIT, until } from '../../support/waiting.mjs';
import { cookies } from '../visitor.mjs';

const HOSTS = ['https://demo.atlassian.net', 'https://teams.microsoft.com'];
const PRIVATE = ['/connected', '/my/data', '/admin'];

export async function embedding(play) {
  const { browser, tandem, world, kept } = play;
  // Somebody whose browser sends cookies from frames, and somebody whose does not.
  const dir = mkdtempSync(join(tmpdir(), 'tandem-browser-'));
  const own = await launchProfile(kept, dir);
  const incognito = await browser.newContext({ locale: 'en-US' });
  try {
    for (const context of [own, incognito]) {
      context.setDefaultTimeout(LIMIT);
      await context.addCookies(cookies(tandem, world.member.session));
      // Else a page of the internet may not ask anything of this machine, where the stack runs.
      await context.grantPermissions(['local-network-access']);
    }
    await allowed(play, own, incognito);
    await refused(play, own);
  } finally {
    await own.close();
    await incognito.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function allowed({ tandem, report }, own, incognito) {
  for (const host of HOSTS) {
    await report.check(`embedding: my settings show and save in a frame of ${host}`, async () => {
      const page = await around(own, host, tandem.url + '/my/settings');
      const frame = page.frameLocator('iframe');
      await frame.getByRole('heading', { level: 1, name: 'My settings' }).waitFor();
      await frame.locator('#notify_assigned').selectOption('off');
      await frame.getByRole('button', { name: 'Save' }).click();
      await frame.getByRole('status').waitFor();
      await page.close();
    });
  }
  await report.check('embedding: where no cookie comes, the frame leads to a window of its own', async () => {
    const page = await around(incognito, HOSTS[0], tandem.url + '/my/settings');
    const link = page.frameLocator('iframe').locator('main a[href="/connect"]');
    await link.waitFor();
    assert.equal(await link.getAttribute('target'), '_blank');
    await page.close();
  });
}

async function refused({ tandem, report }, own) {
  for (const path of PRIVATE) {
    await report.check(`embedding: ${path} shows in no frame`, async () => {
      await assertRefused(own, HOSTS[0], tandem.url + path);
    });
  }
  await report.check('embedding: my settings show in no frame of somebody else', async () => {
    for (const host of ['https://demo.atlassian.net.example', 'http://localhost:9']) {
      await assertRefused(own, host, tandem.url + '/my/settings');
    }
  });
}

function frameOf(address) {
  return `<!doctype html><title>Around</title><iframe src="${address}" width="600" height="600"></iframe>`;
}

/** A page at that address with a frame for another; nobody is asked for it. */
async function around(context, host, address, complaints = []) {
  const page = await context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  await page.route(`${host}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: frameOf(address) }));
  await page.goto(`${host}/around`);
  return page;
}

/** Fails unless the browser refuses to show the frame, on account of the policy. */
async function assertRefused(context, host, address) {
  const complaints = [];
  const page = await around(context, host, address, complaints);
  await until(() => `refusal, but ${complaints.join(' and ') || 'nothing'}`, () =>
    complaints.some((it) => it.includes('frame-ancestors')));
  await until('error page in the frame', () => page.frames()[1]?.url().startsWith('chrome-error:'));
  await page.close();
}
