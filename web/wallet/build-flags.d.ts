/** True in a build with the gallery of parts, which is made for screenshots and never served to people. */
declare const __GALLERY__: boolean;

declare module '*.css';
