import { useLayoutEffect, useRef, type ChangeEvent, type InputHTMLAttributes, type RefObject } from 'react';

type Grouping = {
  value: string;
  onChange: (value: string) => void;
  /** What counts of a text that was typed or pasted. */
  clean?: ((text: string) => string) | undefined;
  /** How it is shown: the same characters with spaces between them. */
  group?: ((clean: string) => string) | undefined;
  inputRef: RefObject<HTMLInputElement | null>;
};

/**
 * An input whose characters are grouped as they are typed. The caret stays behind the same character, also when
 * something is corrected in the middle or a grouping space is deleted.
 */
export function useGroupedInput({
  value,
  onChange,
  clean = (text) => text,
  group = (text) => text,
  inputRef,
}: Grouping) {
  const caret = useRef<number | null>(null);
  const shown = group(value);

  useLayoutEffect(() => {
    const input = inputRef.current;
    if (caret.current === null || !input || document.activeElement !== input) return;
    let position = 0;
    for (let passed = 0; position < shown.length && passed < caret.current; position += 1) {
      if (shown[position] !== ' ') passed += 1;
    }
    input.setSelectionRange(position, position);
    caret.current = null;
  }, [shown, inputRef]);

  const change = (event: ChangeEvent<HTMLInputElement>) => {
    const { value: text, selectionStart } = event.target;
    const before = clean(text.slice(0, selectionStart ?? text.length)).length;
    const next = clean(text);
    const deletedSpace = group(value).length - text.length === 1 && next === value;
    const result = deletedSpace && before > 0 ? next.slice(0, before - 1) + next.slice(before) : next;
    if (clean('a b') !== 'a b') caret.current = deletedSpace ? before - 1 : before;
    onChange(result);
  };
  return { value: shown, onChange: change } satisfies InputHTMLAttributes<HTMLInputElement>;
}
