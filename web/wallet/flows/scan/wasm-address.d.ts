/** The address under which the build puts a file. */
declare module '*.wasm?url' {
  const address: string;
  // biome-ignore lint/style/noDefaultExport: this is how the build tool hands an address over
  export default address;
}
