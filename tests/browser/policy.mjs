// What the headers of a page promise: nothing foreign in it, and in whose frames it may be.

import assert from 'node:assert/strict';

/** The hosts that may embed a page which is meant for it. */
const HOSTS = [
  'https://*.atlassian.net', 'https://*.cloud.microsoft', 'https://teams.microsoft.com',
  'https://*.teams.microsoft.com', 'https://*.microsoft365.com', 'https://*.office.com',
];
const YEAR = 31_536_000;

/** The directives of a content security policy. */
export function directives(policy) {
  const parts = policy.split(';').map((part) => part.trim().split(/\s+/));
  return Object.fromEntries(parts.map(([name, ...values]) => [name, values]));
}

/** Fails unless these are the headers of a page, which may be embedded or not. */
export function assertSafe(headers, { embedded }) {
  const policy = headers['content-security-policy'] ?? '';
  assert.doesNotMatch(policy, /unsafe|\*(?!\.)|data:|blob:/, 'the policy admits anything');
  const rules = directives(policy);
  assert.deepEqual(rules['default-src'], ["'none'"]);
  assert.deepEqual(rules['base-uri'], ["'none'"]);
  assert.equal(rules['form-action']?.[0], "'self'");
  assert.match(rules['style-src']?.join(' ') ?? '', /^'sha256-[\w+/=]+'$/);
  for (const kind of ['script-src', 'img-src', 'font-src', 'connect-src', 'frame-src', 'object-src']) {
    assert.equal(rules[kind], undefined, `the policy names ${kind}`);
  }
  assert.deepEqual(rules['frame-ancestors'], embedded ? HOSTS : ["'none'"]);
  const transport = /max-age=(\d+)/.exec(headers['strict-transport-security'] ?? '');
  assert.ok(Number(transport?.[1]) >= YEAR, 'TLS is not kept for a year');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.equal(headers['cache-control'], 'no-store');
  assert.match(headers['content-type'], /^text\/html; charset=utf-8$/);
}
