// Waiting for what must come, with a limit that only a machine that hangs reaches.

/** How long anything on a page may take, in milliseconds. */
export const LIMIT = 30_000;

/**
 * Asks again and again until the answer is truthy, and gives it. `what` completes the sentence
 * "there was no ..."; a function tells it when the time is up.
 */
export async function until(what, ask, limit = LIMIT) {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) {
      throw new Error(`there was no ${typeof what === 'function' ? await what() : what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
