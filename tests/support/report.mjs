// One line for each check, and the sum.

export class Report {
  constructor() {
    this.passed = 0;
    this.failed = 0;
  }

  /** Runs a check. `after` is called with what went wrong, if anything did. */
  async check(name, run, after = async () => {}) {
    try {
      await run();
      this.passed += 1;
      console.log(`ok    ${name}`);
      return true;
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL  ${name}: ${brief(error)}`);
      await after(error);
      return false;
    }
  }

  /** Prints the sum; gives the exit code. */
  sum() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    return this.failed === 0 && this.passed > 0 ? 0 : 1;
  }
}

/** An error on one line. */
export function brief(error) {
  const text = error.message ?? String(error);
  return text.replace(/\u001b\[\d+m/g, '').replace(/\s+/g, ' ').slice(0, 1500);
}
