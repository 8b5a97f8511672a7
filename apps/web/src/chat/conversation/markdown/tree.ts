/** What a message says, as a tree: the view makes nodes of it, never HTML. */
export type Inline =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'bold' | 'italic' | 'strike'; readonly children: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string }
  /** `href` is http, https or mailto. */
  | { readonly type: 'link'; readonly href: string; readonly children: readonly Inline[] }
  /** `src` is http or https. */
  | { readonly type: 'image'; readonly src: string; readonly alt: string };

export type Block =
  | { readonly type: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly type: 'code'; readonly text: string; readonly language: string }
  | { readonly type: 'quote'; readonly children: readonly Block[] }
  /** `start` is the number of the first item; null without numbers. */
  | { readonly type: 'list'; readonly start: number | null; readonly items: readonly (readonly Block[])[] };

/** The words of it, without marks. */
export function plainText(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.type === 'image') return node.alt;
      return 'children' in node ? plainText(node.children) : node.text;
    })
    .join('');
}
