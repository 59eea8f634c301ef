import type { CDPSession } from 'playwright-core';

const USUAL = 16;

/**
 * The browser's own setting for the size of text, changed while a page is open: everything relative grows with it,
 * media queries too. 2 is text at 200 %.
 */
export async function setTextScale(session: CDPSession, scale: number): Promise<void> {
  await session.send('Page.setFontSizes', { fontSizes: { standard: USUAL * scale, fixed: 13 * scale } });
}
