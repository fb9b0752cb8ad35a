/** The SHA-256 digest of a text (FIPS 180-4). By the Web Crypto API, which needs no module; node:crypto takes time to load. */
export async function sha256(text: string): Promise<Buffer> {
  return Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(text)));
}
