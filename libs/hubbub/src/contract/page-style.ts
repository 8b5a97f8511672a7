import { createHash } from 'node:crypto';

/** The look of the page: light and dark as the reader has it, one column on a phone. */
export const PAGE_STYLE = `
:root { color-scheme: light dark;
  --paper: #fff; --ink: #1c2430; --soft: #5b6675; --line: #e2e6ec; --panel: #f6f8fa; --accent: #0b63ce; --tint: #e8f1fd;
  --key: #0b5394; --text: #1a7f37; --number: #a1480b; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #0f141b; --ink: #dce3ec; --soft: #93a0b1; --line: #253041; --panel: #161d27; --accent: #6cb0ff; --tint: #172a42;
  --key: #8cc4ff; --text: #7ee0a0; --number: #ffb27a; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
code, pre { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
p code, td code, li code { background: var(--panel); border-radius: 4px; padding: 0.1em 0.3em; overflow-wrap: anywhere; }
.page { display: grid; grid-template-columns: 16.5rem minmax(0, 1fr); }
nav { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 1.25rem 1rem 2rem 1.5rem;
  border-right: 1px solid var(--line); font-size: 0.9rem; }
nav h2 { margin: 1.1rem 0 0.25rem; font-size: 0.75rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); }
nav ul { list-style: none; margin: 0; padding: 0; } nav li a { display: block; padding: 0.1rem 0; color: inherit; }
main { padding: 2rem clamp(1rem, 4vw, 3rem) 5rem; max-width: 66rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 0.5rem; }
main h2 { font-size: 1.4rem; margin: 3rem 0 0.75rem; padding-bottom: 0.4rem; border-bottom: 1px solid var(--line); }
article { padding: 1.25rem 0; border-bottom: 1px solid var(--line); }
article h3 { margin: 0 0 0.35rem; font: 600 1.1rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
article h3 a { color: inherit; } h4 { margin: 1rem 0 0.35rem; font-size: 0.85rem; color: var(--soft); }
p { margin: 0.4rem 0; } .lead { color: var(--soft); max-width: 46rem; }
.facts { display: flex; flex-wrap: wrap; gap: 0.4rem; margin: 0.5rem 0; padding: 0; list-style: none; font-size: 0.82rem; }
.facts li { background: var(--tint); border-radius: 1rem; padding: 0.1rem 0.65rem; } .facts code { background: none; padding: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.75rem 0.4rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); font-size: 0.8rem; } tr:last-child td { border-bottom: 0; }
td.kind { color: var(--soft); width: 22%; } .kinds td:first-child { width: 26%; } td:first-child code { white-space: nowrap; } .optional, .errors { color: var(--soft); }
.examples { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 1rem; }
pre { margin: 0; padding: 0.75rem 0.9rem; overflow-x: auto; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
.k { color: var(--key); } .s { color: var(--text); } .n { color: var(--number); }
@media (max-width: 52rem) {
  .page { display: block; }
  nav { position: static; max-height: 42vh; border-right: 0; border-bottom: 1px solid var(--line); padding: 0 1rem 1rem; }
  nav ul { columns: 9rem; } nav li a { padding: 0.3rem 0; }
  main { padding-top: 1.25rem; } td { padding-right: 0.5rem; }
}
@media print { nav { display: none; } .page { display: block; } }
`;

/** Nothing from elsewhere, no script, and no style but this one. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
