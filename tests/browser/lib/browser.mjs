// Chromium, and what a page in it says and asks for.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

export const executablePath = process.env.NARROWCAST_CHROMIUM || '/usr/bin/chromium';
export const skip = existsSync(executablePath)
  ? false
  : `no Chromium at ${executablePath}; NARROWCAST_CHROMIUM names it`;

const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A browser that is closed after the test `t`. */
export async function openBrowser(t) {
  const browser = await chromium.launch({ executablePath, headless: true, args });
  t.after(() => browser.close());
  return browser;
}

/**
 * A page in a context of its own, and a log of what must not happen in it: errors on the console or thrown, violations
 * of its policy, requests. Requests are those of the whole context, workers included.
 */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext(options);
  const log = { errors: [], console: [], requests: [] };
  context.on('request', (request) => log.requests.push(request.url()));
  const page = await context.newPage();
  page.on('console', (message) => {
    log.console.push(`${message.type()}: ${message.text()}`);
    if (message.type() === 'error') log.errors.push(message.text());
  });
  page.on('pageerror', (error) => log.errors.push(String(error)));
  page.on('crash', () => log.errors.push('the page crashed'));
  await page.exposeFunction('policyViolated', (text) => log.errors.push(`policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      window.policyViolated(`${violatedDirective} blocked ${blockedURI}`),
    );
  });
  return { page, log };
}
