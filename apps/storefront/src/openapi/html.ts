/** HTML that is safe to put into a page as it is. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | undefined | false | readonly Part[];

/** Builds HTML from a template: every value is escaped unless it is `Html`; lists are joined, undefined and false are nothing. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(strings.map((text, index) => text + render(parts[index])).join(''));
}

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (part instanceof Html) return part.text;
  if (Array.isArray(part)) return part.map((each: Part) => render(each)).join('');
  return escape(String(part));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? each);
}

/** The little Markdown that our own words use: paragraphs and `code`. */
export function prose(text: string): Html {
  return html`${text.split('\n\n').map((each) => html`<p>${inline(each)}</p>`)}`;
}

export function inline(text: string): Html {
  return html`${text.split('`').map((each, index) => (index % 2 === 1 ? html`<code>${each}</code>` : each))}`;
}
