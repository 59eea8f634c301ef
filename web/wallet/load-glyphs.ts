const SIZE = 24;

/** What a character looks like in the fonts of the system, as pixels. */
function pixelsOf(character: string): string {
  const canvas = document.createElement('canvas');
  canvas.width = SIZE;
  canvas.height = SIZE;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return character;
  context.font = `${SIZE - 4}px sans-serif`;
  context.fillText(character, 0, SIZE - 4);
  return context.getImageData(0, 0, SIZE, SIZE).data.join();
}

/**
 * Fetches our own Chinese font only where the system has none: two different characters that look the same are both
 * the box that stands for a missing one. So the phones of nearly everybody load no font at all.
 */
export async function loadMissingGlyphs(): Promise<void> {
  if (pixelsOf(String.fromCodePoint(0x8d26)) !== pixelsOf(String.fromCodePoint(0x660e))) return;
  await import('@fontsource-variable/noto-sans-sc');
}
