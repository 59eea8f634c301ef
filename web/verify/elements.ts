import { iconShapes, type IconName } from '../ui/icon-shapes.ts';

type Child = Node | string | undefined | false;
type Properties = Readonly<Record<string, string | boolean | ((event: Event) => void) | undefined>>;

/** An element with its attributes and what hears of its events; text stays text. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string') element.setAttribute(name, value);
  }
  element.append(...children.filter((child): child is Node | string => child !== undefined && child !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A picture of the family, silent to screen readers. */
export function makeIcon(name: IconName, size: 24 | 20 | 16 = 24): SVGElement {
  const shape: { path: string; circle?: readonly [number, number, number] } = iconShapes[name];
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', size === 24 ? 'i' : `i i${size}`);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  if (shape.circle) {
    const circle = document.createElementNS(SVG, 'circle');
    for (const [index, attribute] of ['cx', 'cy', 'r'].entries())
      circle.setAttribute(attribute, String(shape.circle[index]));
    svg.append(circle);
  }
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', shape.path);
  svg.append(path);
  return svg;
}
