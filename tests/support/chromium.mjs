// The browser, as it runs on a server, and that it talks to nobody.

import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Starts the browser; `kept` is where the packages are. Its contexts are incognito. */
export function launch(kept) {
  return chromium(kept).launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
}

/**
 * Starts a browser with a profile of its own in this new directory, which is not incognito; gives its
 * one context. It sends cookies from frames, as Chrome does; Debian's Chromium does not by default.
 */
export function launchProfile(kept, dir) {
  mkdirSync(join(dir, 'Default'));
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } };
  writeFileSync(join(dir, 'Default', 'Preferences'), JSON.stringify(preferences));
  return chromium(kept).launchPersistentContext(dir, {
    executablePath: process.env.CHROMIUM,
    args: FLAGS,
    locale: 'en-US',
  });
}

function chromium(kept) {
  return createRequire(join(kept, 'package.json'))('playwright-core').chromium;
}
