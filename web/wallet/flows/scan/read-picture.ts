type Detector = { detect: (image: ImageBitmapSource) => Promise<readonly { rawValue: string }[]> };
/** Some browsers have one of their own. */
type NativeDetector = {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats: () => Promise<readonly string[]>;
};

const FORMAT = 'qr_code';

async function nativeDetector(): Promise<Detector | undefined> {
  const Native = (globalThis as { BarcodeDetector?: NativeDetector }).BarcodeDetector;
  if (!Native) return undefined;
  const formats: readonly string[] = await Native.getSupportedFormats().catch(() => []);
  return formats.includes(FORMAT) ? new Native({ formats: [FORMAT] }) : undefined;
}

/** Our own reader, served from our own origin; fetched only when the browser has none. */
async function ownDetector(): Promise<Detector> {
  const [{ BarcodeDetector, prepareZXingModule }, { default: address }] = await Promise.all([
    import('barcode-detector/ponyfill'),
    import('zxing-wasm/reader/zxing_reader.wasm?url'),
  ]);
  prepareZXingModule({
    overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? address : prefix + path) },
  });
  return new BarcodeDetector({ formats: [FORMAT] });
}

let detector: Promise<Detector> | undefined;

/** The texts of the codes in a picture or in the present image of the camera. */
export async function readCodes(image: ImageBitmapSource): Promise<string[]> {
  detector ??= nativeDetector().then((native) => native ?? ownDetector());
  const found = await (await detector).detect(image);
  return found.map(({ rawValue }) => rawValue);
}
