// Talking to the stack. Whatever goes wrong becomes an error with a sentence to show.

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Sends a request and gives the answer's JSON and entity tag. */
export async function call(method, path, { body, headers = {} } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      headers: body === undefined ? headers : { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, 'unreachable', 'The local stack does not answer. Is it still running?');
  }
  const json = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, json?.code, sentence(response.status, json));
  return { json, etag: response.headers.get('etag'), status: response.status };
}

export const get = async (path) => (await call('GET', path)).json;

/** Does something by hand at a simulated vendor: `vendor` is `jira` or `teams`. */
export const act = async (vendor, deed) =>
  (await call('POST', `/sandbox/people/${vendor}/act`, { body: deed })).json;

/** What an error answer says, whoever wrote it: Tandem (`detail`), Jira, or Microsoft. */
function sentence(status, json) {
  const jira = [...(json?.errorMessages ?? []), ...Object.values(json?.errors ?? {})].join(' ');
  const text = json?.detail ?? json?.error?.message ?? (jira || json?.message);
  if (!text) return `The stack answered with status ${status} and no explanation.`;
  const begun = /^[a-z]+ /.test(text) ? text[0].toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
