// The browser, as it runs on a server, and that it talks to nobody.

import { createRequire } from 'node:module';
import { join } from 'node:path';

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** Starts the browser; `kept` is where the packages are. */
export function launch(kept) {
  const { chromium } = createRequire(join(kept, 'package.json'))('playwright-core');
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
}
