/** The SHA-256 digest of a text (FIPS 180-4). Of the Web Crypto API: node:crypto takes Bun 7 ms to load. */
export async function sha256(text: string): Promise<Buffer> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text)));
}
