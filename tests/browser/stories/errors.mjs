// What somebody sees who comes at the wrong time, to the wrong place or by the wrong way.

import assert from 'node:assert/strict';

import { Visitor } from '../visitor.mjs';

/** Pages that need a session, and whether they may be embedded. */
const PRIVATE = {
  '/my/settings': true,
  '/my/data': false,
  '/my/ledger': false,
  '/site/settings': true,
  '/site/projects': true,
  '/admin': false,
};
/** Forms, and what they would change. */
const FORMS = ['/my/settings', '/site/settings', '/my/erasure', '/admin/erasure', '/disconnect'];

export async function errors({ browser, tandem, world, report, looks }) {
  const stranger = await Visitor.enter(browser, tandem);
  for (const [path, embedded] of Object.entries(PRIVATE)) {
    await report.check(`errors: ${path} without a session says how to get one`, async () => {
      await stranger.open(path);
      assert.equal(stranger.answer.status(), 401);
      await stranger.page.locator('main a[href="/connect"]').waitFor();
    });
    if (path === '/my/settings' || path === '/my/data') {
      await looks.look(stranger, `signed out at ${path.slice(1).replace('/', ' ')}`, { embedded });
    }
  }
  await stranger.leave();

  const { member } = world;
  for (const path of FORMS) {
    await report.check(`errors: ${path} takes no form from elsewhere`, async () => {
      for (const csrf of [undefined, 'x'.repeat(43)]) {
        const answer = await fetch(tandem.url + path, {
          method: 'POST',
          redirect: 'manual',
          headers: { cookie: member.session.cookie },
          body: new URLSearchParams(csrf ? { csrf } : {}),
        });
        assert.equal(answer.status, 403, `csrf=${csrf}`);
      }
    });
  }
}
