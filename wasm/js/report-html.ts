// A report as one HTML file: the data, and the style and script that show them. It asks for nothing and allows nothing
// else: its policy names its own style and script by their hashes.
import { showReport } from './report-script.js';
import { reportStyle } from './report-style.js';
import type { Report } from './types.js';

async function hashOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return `'sha256-${btoa(String.fromCharCode(...digest))}'`;
}

/** Nothing in it ends a script element or begins markup. */
const dataText = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

const markup = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** The report of `quantize` as a page of its own; `title` is what the model is called. */
export async function reportHtml(report: Report, title: string): Promise<string> {
  const script = `(${showReport})(JSON.parse(document.getElementById('data').textContent))`;
  const policy = `default-src 'none'; style-src ${await hashOf(reportStyle)}; script-src ${await hashOf(script)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${markup(title)}: what narrowing cost</title>
<style>${reportStyle}</style>
</head>
<body>
<main id="report"><h1>${markup(title)}</h1><noscript><p>The tables of this report are drawn by its script, which is switched off.</p></noscript></main>
<script type="application/json" id="data">${dataText(report)}</script>
<script>${script}</script>
</body>
</html>
`;
}
