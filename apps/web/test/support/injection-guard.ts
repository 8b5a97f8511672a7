/**
 * Runs in a page, before anything of it: tells the console (`injected: …`) of everything in the document that could run or load
 * what a person has written, at the moment it comes, and of code that ran.
 */
export function guardAgainstInjection(): void {
  const FOREIGN = 'iframe, frame, object, embed, base, style, video, audio, math, foreignObject, use, animate, set';
  const ADDRESSES = ['href', 'src', 'action', 'formaction', 'xlink:href', 'data', 'poster'];
  const SAFE = ['http:', 'https:', 'mailto:'];

  /** Files of the build: only those have such a path. */
  const isOurs = (element: Element) => {
    const src = element.getAttribute('src');
    return src !== null && new URL(src, location.href).href.startsWith(`${location.origin}/assets/`);
  };
  const isUnsafe = (element: Element) =>
    element.matches(FOREIGN) ||
    (element.matches('script, img') && !isOurs(element)) ||
    element.hasAttribute('srcdoc') ||
    element.getAttributeNames().some((name) => name.startsWith('on')) ||
    ADDRESSES.some((name) => {
      const address = element.getAttribute(name);
      return address !== null && !SAFE.includes(new URL(address, location.href).protocol);
    });
  const look = (node: Node) => {
    if (!(node instanceof Element)) return;
    for (const element of [node, ...node.querySelectorAll('*')]) {
      if (isUnsafe(element)) console.error(`injected: ${element.outerHTML.slice(0, 200)}`);
    }
  };

  new MutationObserver((changes) => {
    for (const { target, addedNodes, type } of changes) {
      if (type === 'attributes') look(target);
      for (const node of addedNodes) look(node);
    }
  }).observe(document, { subtree: true, childList: true, attributes: true });
  Object.defineProperty(window, 'pwned', {
    set(how) {
      console.error(`injected: ran by ${how}`);
    },
  });
}
