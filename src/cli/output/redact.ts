/** Texts without their secrets: keys of WiFi, passwords, and the like, as configuration files and libvirt's XML have them. */

const secret =
  /([\w-]*(?:psk|passwd|password|passphrase|wep-?key\d?|private-?key|secret)[\w-]*["']?(?:[ \t]*[:=][ \t]*|[ \t]+))("[^"\n]*"|'[^'\n]*'|[^\s"'][^\n]*)/gi;

/** The keys of ifcfg files. Source: initscripts' sysconfig.txt */
const ifcfgKey = /^([ \t]*KEY\d?=)[^\n]*/gm;

/** A text in which each secret is replaced by stars; its other lines are as they were. */
export function redactText(text: string): string {
  return text
    .replaceAll(secret, (_, name: string, value: string) => {
      const quote = /^["']/.exec(value)?.[0] ?? '';
      return `${name}${quote}***${quote}`;
    })
    .replaceAll(ifcfgKey, '$1***');
}

/** A value of JSON with all its texts redacted. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, redact(inner)]));
}
