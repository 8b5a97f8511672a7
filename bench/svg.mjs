/** What charts are drawn with. Pure. Without a background, in colours that both light and dark pages let one read; where the viewer tells which it is, text follows. */

const STYLE = `
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .title { font-weight: 600; fill: #24292f }
  .grid { stroke: #8c959f; stroke-opacity: 0.3 }
  .base { stroke: #8c959f; stroke-width: 1.5 }
  .line { fill: none; stroke-width: 2 }
  .s0 { stroke: #1f883d } .s1 { stroke: #0969da } .s2 { stroke: #bf8700 } .s3 { stroke: #8250df } .s4 { stroke: #cf222e } .s5 { stroke: #6e7781 }
  @media (prefers-color-scheme: dark) {
    text { fill: #9da7b3 }
    .title { fill: #e6edf3 }
    .s0 { stroke: #3fb950 } .s1 { stroke: #58a6ff } .s2 { stroke: #d29922 } .s3 { stroke: #bc8cff } .s4 { stroke: #ff7b72 } .s5 { stroke: #8b949e }
  }`;

const escaped = (text) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
export const tag = (name, attributes, content = '') =>
  `<${name} ${Object.entries(attributes)
    .map(([key, value]) => `${key}="${value}"`)
    .join(' ')}>${content}</${name}>`;
export const text = (x, y, content, more = {}) => tag('text', { x, y, ...more }, escaped(content));

/** @param label of the whole, for who cannot see it */
export const document = (width, height, label, drawn) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(label)}">
<style>${STYLE}
</style>
${drawn.join('\n')}
</svg>
`;
