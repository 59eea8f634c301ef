/** The only place of the web app that asks what time it is. */
export const now = (): Date => new Date();

/** Reads an instant of the wire (ISO 8601). */
export const instant = (text: string): Date => new Date(text);

/** Milliseconds from now until an instant of the wire; never below nought. */
export const msUntil = (text: string): number => Math.max(0, instant(text).getTime() - now().getTime());

/** An instant by its milliseconds since 1970, as libraries of the browser give it. */
export const atMs = (ms: number): Date => new Date(ms);
