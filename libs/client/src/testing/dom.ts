import { Window } from 'happy-dom';

/** A page for renderers, which look for one when they are loaded: `import './testing/dom.js'` comes before them. */
const page = new Window({ url: 'http://localhost/' });

const globals = {
  window: page,
  document: page.document,
  navigator: page.navigator,
  Element: page.Element,
  HTMLElement: page.HTMLElement,
  HTMLIFrameElement: page.HTMLIFrameElement,
  SVGElement: page.SVGElement,
  Node: page.Node,
};
// Node's own `navigator` cannot be assigned to.
for (const [name, value] of Object.entries(globals)) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

// What is left over is wrapped by Jest, all the way down.
afterAll(async () => {
  // What renderers have put off still needs the page.
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name);
  await page.happyDOM.close();
});

/** An element on the page, and what is read of it: the types of a browser are not loaded here. */
export function newRoot(): Element & { readonly textContent: string } {
  const root: unknown = page.document.createElement('div');
  page.document.body.append(root as never);
  return root as Element & { readonly textContent: string };
}
