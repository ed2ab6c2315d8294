/**
 * A tab that nothing may go wrong in: whatever the page or the browser complains of is kept (errors
 * and warnings of the console, what the policy refused, exceptions, dialogs, requests to elsewhere).
 */
import { strict as assert } from 'node:assert';
import type { BrowserContext, Page } from 'playwright-core';

export class Tab {
  readonly page: Page;
  readonly #faults: string[] = [];
  readonly #expected: RegExp[] = [];
  readonly #origin: string;

  /** @param origin where the page may ask */
  static async open(context: BrowserContext, origin: string): Promise<Tab> {
    return new Tab(await context.newPage(), origin);
  }

  constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
    page.on('console', (message) => {
      const type = message.type();
      if (type === 'error' || type === 'warning')
        this.#fault(`${type}: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => this.#fault(`exception: ${error.message}\n${error.stack ?? ''}`));
    page.on('crash', () => this.#fault('the page crashed'));
    page.on('dialog', (dialog) => {
      this.#fault(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${this.#origin}/`) && !/^(data|blob|about):/.test(url))
        this.#fault(`asked ${url}`);
    });
  }

  /** What may be complained of from now on, as when the server is gone. */
  expect(...complaints: RegExp[]): void {
    this.#expected.push(...complaints);
  }

  /** Until the end of loading; the stream goes on. */
  async visit(path = '/'): Promise<void> {
    await this.page.goto(`${this.#origin}${path}`, { waitUntil: 'load' });
  }

  /** What has gone wrong. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  /** Fails if something has. */
  check(): void {
    assert.deepEqual(this.#faults, []);
  }

  #fault(text: string): void {
    if (!this.#expected.some((complaint) => complaint.test(text))) this.#faults.push(text);
  }
}
