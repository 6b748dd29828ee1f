// Signing in to the simulated vendors, on their own pages.

import { until } from './waiting.mjs';

/** Signs in on every page that asks for it, as this person, until Tandem says it is done. */
export async function signIn(page, { accountId, objectId }) {
  const atlassian = page.locator(`input[name=login_as][value="${accountId}"]`);
  const microsoft = page.locator(`a[href*="login_as=${objectId}"]`);
  const done = page.getByRole('heading', { name: /connected|signed in/i });
  await until(() => `page that says so; the last was ${page.url()}`, async () => {
    const here = page.url();
    if (await done.isVisible()) return true;
    if (await atlassian.isVisible()) {
      await atlassian.check();
      await page.getByRole('button', { name: 'Accept' }).click();
    } else if (await microsoft.isVisible()) {
      await microsoft.click();
    } else {
      return false;
    }
    await page.waitForURL((address) => address.href !== here);
    return false;
  });
}
