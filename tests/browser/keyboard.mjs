// A page by keyboard alone.

import assert from 'node:assert/strict';

/** Fails unless Tab comes by the way past the navigation first, and by all there is to use. */
export async function assertReachable(page) {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(page.url());
  const wanted = await page.evaluate(findStops);
  assert.ok(wanted[0]?.includes('class="skip"'), `the first is ${wanted[0]}`);
  const reached = new Set();
  let last = -1;
  for (let presses = 0; presses < wanted.length + 10; presses += 1) {
    await page.keyboard.press('Tab');
    const { group, visible, where } = await page.evaluate(standing);
    if (where === 'nowhere' || (group === 0 && presses > 0)) break;
    assert.ok(visible, `one does not see where one is: ${where}`);
    if (group === undefined) continue;
    assert.ok(group >= last, `${where} comes after what follows it`);
    last = group;
    reached.add(group);
  }
  const missed = wanted.filter((_, group) => !reached.has(group));
  assert.deepEqual(missed, [], 'Tab does not come by');
  await page.goto(page.url());
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  const landed = await page.evaluate(() => document.activeElement.id);
  assert.equal(landed, 'content', 'the first link does not lead to the content');
}

/** In the page: what Tab must come by, in order; of radio buttons of a name, one. */
function findStops() {
  const all = document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]',
  );
  const groups = new Map();
  for (const element of all) {
    const shown = element.checkVisibility({ visibilityProperty: true });
    if (element.disabled || !shown) continue;
    const radio = element.type === 'radio' ? `${element.name}` : undefined;
    const key = radio === undefined ? element : radio;
    groups.set(key, [...(groups.get(key) ?? []), element]);
  }
  globalThis.stops = [...groups.values()];
  return globalThis.stops.map(([first]) => first.outerHTML.slice(0, 160));
}

/** In the page: which of them one is at, and whether one sees it. */
function standing() {
  const at = document.activeElement;
  if (!at || at === document.body || at === document.documentElement) return { where: 'nowhere' };
  const group = globalThis.stops.findIndex((elements) => elements.includes(at));
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  const box = at.getBoundingClientRect();
  const inView = box.width > 0 && box.height > 0 && box.left >= 0 && box.bottom > 0
    && box.top < innerHeight && box.left < innerWidth;
  const outlined = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
  return {
    group: group < 0 ? undefined : group,
    visible: inView && outlined,
    where: at.outerHTML.slice(0, 160),
  };
}
