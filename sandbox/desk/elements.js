/* What the desk is built of: elements, numbers as people read them, questions to the sandbox, copying. */

/** One element: its attributes, listeners (`onclick`), and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

export const yuan = (fen) => {
  const digits = String(fen).replace('-', '').padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${String(fen).startsWith('-') ? '−' : ''}${whole}.${digits.slice(-2)}`;
};

export const grouped = (number) => number.replace(/(\d{4})(?=\d)/g, '$1 ');
export const localPhone = (phone) => phone.replace(/^\+86(\d{3})(\d{4})(\d{4})$/, '$1 $2 $3');

export async function ask(path, body) {
  const options =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error ?? String(answer.status));
  return content;
}

/** Copies, and says so on the button for a moment. */
export async function copy(text, button, { copied, copy: again }) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure connection a browser only copies what is selected.
    const field = make('textarea', {});
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  }
  button.textContent = copied;
  setTimeout(() => (button.textContent = again), 1200);
}
