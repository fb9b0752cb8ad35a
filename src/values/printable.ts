const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Text of others (a guest's host name, a title) with its control characters made visible: a terminal obeys them.
 * Also U+2028, U+2029 and the bidirectional overrides, which draw one thing and mean another.
 */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
  });
}

/** The same for a text of several lines, which may be indented by tabs. */
export function printableLines(text: string): string {
  return text
    .split(/([\n\t])/)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part))
    .join('');
}

/** JSON in which those characters are escapes: programs read the same, and terminals obey none. */
export function escapeJson(json: string): string {
  return json.replace(unsafe, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function safeJson(value: unknown, indent?: number): string {
  return escapeJson(JSON.stringify(value, null, indent));
}

/** XML in which they are references, so that it still means the same; those in comments and CDATA sections have no such spelling. */
export function escapeXml(xml: string): string {
  return xml.replace(
    /<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>|[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (found) => (found.length > 1 ? found : `&#x${found.charCodeAt(0).toString(16)};`),
  );
}
