/** The only source of chance of the web app; cryptographically strong. */
export const strongBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
