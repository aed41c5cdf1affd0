// Text that is safe to put into a page: everything interpolated is escaped, unless it is markup already. Works for HTML and SVG, with and
// without a browser, so that a chart is a pure function and can be tested as text.

/** Markup that needs no escaping. */
export class Markup {
  constructor(readonly text: string) {}
  toString(): string {
    return this.text;
  }
}

/** What may stand between the braces of a template. */
export type Content = Markup | string | number | null | undefined | false | readonly Content[];

/** Builds markup from a template; strings and numbers in it are escaped. */
export function html(strings: TemplateStringsArray, ...values: Content[]): Markup {
  let text = strings[0] ?? "";
  values.forEach((value, position) => {
    text += render(value) + (strings[position + 1] ?? "");
  });
  return new Markup(text);
}

/** Returns the text of content, escaped where it is not markup. */
export function render(content: Content): string {
  if (content === null || content === undefined || content === false) return "";
  if (content instanceof Markup) return content.text;
  if (Array.isArray(content)) return (content as readonly Content[]).map(render).join("");
  return escape(String(content));
}

/** Escapes what has a meaning in HTML, in text and in attributes. */
export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter);
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Rounds a coordinate to a tenth of a pixel, so that paths stay short. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}
