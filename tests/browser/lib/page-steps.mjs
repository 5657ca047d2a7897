// What a visitor does on the page, as steps of a test.
import { readFile } from 'node:fs/promises';

/** Drops files ({name, bytes}) anywhere on the page, as a drag from the desktop would. */
export async function drop(page, files) {
  const sent = files.map(({ name, bytes }) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
  await page.evaluate(async (given) => {
    const transfer = new DataTransfer();
    for (const { name, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name));
    }
    const event = (type) =>
      document.body.dispatchEvent(
        new DragEvent(type, { dataTransfer: transfer, bubbles: true, cancelable: true, composed: true }),
      );
    event('dragenter');
    event('dragover');
    event('drop');
  }, sent);
}

export const heading = (page) => page.locator('main h1');

export const narrowButton = (page) => page.getByRole('button', { name: 'Narrow the model' });

export async function waitForModel(page) {
  await narrowButton(page).waitFor();
}

export async function choose(page, technique) {
  // Its name begins with the title; what it brings follows.
  await page.getByRole('radio', { name: new RegExp(`^${technique}`) }).check();
}

export async function narrow(page) {
  await narrowButton(page).click();
  await page.getByRole('button', { name: /^Download [\d.]+ / }).waitFor({ timeout: 60_000 });
}

/** Clicks the button and returns {name, bytes} of what is downloaded. */
export async function download(page, button) {
  const [given] = await Promise.all([page.waitForEvent('download'), button.click()]);
  return { name: given.suggestedFilename(), bytes: await readFile(await given.path()) };
}

export const downloadModel = (page) => download(page, page.getByRole('button', { name: /^Download [\d.]+ / }));
