import { useId, useImperativeHandle, useRef, type CSSProperties, type InputHTMLAttributes, type Ref } from 'react';
import { useGroupedInput } from './grouped-input.ts';
import { Icon } from './icon.tsx';
import type { Content } from './content.ts';

export type FieldState = 'idle' | 'good' | 'attend';

type FieldProps = {
  label: string;
  /** Without grouping spaces. */
  value: string;
  onChange: (value: string) => void;
  state?: FieldState;
  /** What to mend (attend), else a quiet hint. */
  message?: Content;
  /** `11 / 11`, or what else stands at the right of the label. */
  count?: string;
  clean?: (text: string) => string;
  group?: (clean: string) => string;
  inputRef?: Ref<HTMLInputElement | null>;
} & Pick<
  InputHTMLAttributes<HTMLInputElement>,
  'inputMode' | 'autoComplete' | 'maxLength' | 'name' | 'placeholder' | 'onBlur' | 'enterKeyHint' | 'type' | 'lang'
>;

/** One input with its label inside the frame. */
export function Field({
  label,
  value,
  onChange,
  state = 'idle',
  message,
  count,
  clean,
  group,
  inputRef,
  ...rest
}: FieldProps) {
  const id = useId();
  const own = useRef<HTMLInputElement>(null);
  useImperativeHandle<HTMLInputElement | null, HTMLInputElement | null>(inputRef, () => own.current);
  const grouped = useGroupedInput({ value, onChange, clean, group, inputRef: own });
  return (
    <div>
      <label className={state === 'attend' ? 'field bad' : 'field'} htmlFor={id}>
        <span className="field-label">
          <span>{label}</span>
          {count !== undefined && <span className="num">{count}</span>}
        </span>
        <span className="val">
          <input
            id={id}
            ref={own}
            aria-invalid={state === 'attend' || undefined}
            aria-describedby={message ? `${id}-note` : undefined}
            spellCheck={false}
            autoCapitalize="off"
            {...rest}
            {...grouped}
            style={group && ({ '--chars': grouped.value.length } as CSSProperties)}
          />
          <StateMark state={state} />
        </span>
      </label>
      {message && <Under id={`${id}-note`} attend={state === 'attend'} text={message} />}
    </div>
  );
}

function StateMark({ state }: { state: FieldState }) {
  if (state === 'idle') return null;
  return (
    <span className={state === 'good' ? 'accent' : 'attend'}>
      <Icon name={state === 'good' ? 'check' : 'edit'} size={20} />
    </span>
  );
}

/** The sentence beneath a field; read out when it becomes a complaint. */
export function Under({ text, attend, id }: { text: Content; attend?: boolean; id?: string }) {
  return (
    <p id={id} className={attend ? 'under bad' : 'under'} role={attend ? 'alert' : undefined}>
      <Icon name="info" size={16} />
      <span>{text}</span>
    </p>
  );
}

/** What is known already and cannot be changed here, with the reason. */
export function LockedField({ label, children, why }: { label: string; children: Content; why: string }) {
  return (
    <div className="field locked">
      <span className="field-label">
        <span>{label}</span>
        <span className="inline">
          <Icon name="lock" size={16} />
          {why}
        </span>
      </span>
      <span className="val">{children}</span>
    </div>
  );
}
