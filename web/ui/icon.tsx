import { iconShapes, type IconName } from './icon-shapes.ts';

type IconProps = { name: IconName; size?: 24 | 20 | 16; label?: string };

/** A picture of the family. Silent to screen readers unless it is given words of its own. */
export function Icon({ name, size = 24, label }: IconProps) {
  const shape: { path: string; circle?: readonly [number, number, number] } = iconShapes[name];
  const naming = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label };
  return (
    // biome-ignore lint/a11y/noSvgWithoutTitle: hidden, or named by its label
    <svg className={size === 24 ? 'i' : `i i${size}`} viewBox="0 0 24 24" {...naming}>
      {shape.circle && <circle cx={shape.circle[0]} cy={shape.circle[1]} r={shape.circle[2]} />}
      <path d={shape.path} />
    </svg>
  );
}
