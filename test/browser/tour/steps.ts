import type { Walker } from '../flows/walker.ts';
import type { SampleCard, SamplePerson } from '../../../sandbox/samples.ts';
import type { Stage } from '../flows/stage.ts';
import type { View } from '../support/browser.ts';

/** Looks at the screen that a step has come to, under the name it goes by. */
export type Look = (walker: Walker, name: string) => Promise<void>;

export type Tour = {
  stage: Stage;
  view: View;
  look: Look;
  /** The phone of the one whose life it is, signed in once: codes for a number are counted. */
  zhous: () => Promise<Walker>;
};

export const local = (phone: string): string => phone.replace('+86', '');

/** Up to the code for this number. */
export async function asksForCode(walker: Walker, phone: string): Promise<void> {
  await walker.goTo('/open');
  await walker.input.fill(local(phone));
  await walker.press(walker.words.flows.open.send);
  await walker.sees(walker.words.flows.code.title);
}

export async function opens(walker: Walker, person: SamplePerson, look: Look): Promise<void> {
  const { flows } = walker.words;
  await walker.goTo('/open');
  await walker.input.fill(local(person.phone));
  await look(walker, 'open-phone');
  await walker.press(flows.open.send);
  await walker.sees(flows.code.title);
  await look(walker, 'open-code');
  await walker.enterCode(await walker.code(person.phone));
}

export async function verifies(walker: Walker, person: SamplePerson, look: Look): Promise<void> {
  const { flows } = walker.words;
  await walker.field(flows.verify.name).fill(person.name);
  await walker.field(flows.verify.idNumber).fill(person.idNumber);
  await look(walker, 'verify-filled');
  await walker.press(flows.verify.submit);
  await walker.sees(flows.verify.doneTitle);
  await look(walker, 'verify-done');
  await walker.press(flows.common.goOn);
}

export async function setsPin(walker: Walker, look: Look): Promise<void> {
  const { flows } = walker.words;
  await walker.sees(flows.pin.setHeadline);
  await look(walker, 'pin-set');
  await walker.enterPin();
  await walker.sees(flows.pin.againHeadline);
  await walker.enterPin();
  await walker.sees(flows.pin.doneTitle);
  await look(walker, 'pin-done');
  await walker.press(flows.pin.goOn);
}

/** The card's number and the consent; what is asked of the bank is pressed by the caller. */
export async function typesCard(walker: Walker, card: SampleCard): Promise<void> {
  const { flows, ui } = walker.words;
  await walker.field(ui.card.number).fill(card.number);
  await walker.sees(ui.card.canBind);
  const phone = walker.field(flows.bind.phoneFull);
  if ((await phone.count()) > 0) await phone.fill(local(card.reservedPhone));
  await walker.page.getByRole('checkbox').check({ force: true });
}

export async function binds(walker: Walker, card: SampleCard, look: Look): Promise<void> {
  const { flows } = walker.words;
  await typesCard(walker, card);
  await look(walker, 'bind-filled');
  await walker.press(flows.bind.send);
  await walker.sees(flows.code.titleBank);
  await look(walker, 'bind-code');
  await walker.enterCode(await walker.code(card.reservedPhone));
  await walker.sees(flows.bind.doneTitle);
  await look(walker, 'bind-done');
}

/** From a filled form through the review and the PIN to the words that tell the end. */
export async function confirms(walker: Walker, kind: string, done: string, look: Look): Promise<void> {
  const { flows } = walker.words;
  await walker.press(flows.amount.review);
  await walker.button(flows.confirm.enterPin).waitFor();
  await look(walker, `${kind}-confirm`);
  await walker.press(flows.confirm.enterPin);
  await walker.page.getByRole('dialog').waitFor();
  await look(walker, `${kind}-pin`);
  await walker.enterPin();
  await walker.sees(done);
  await look(walker, `${kind}-receipt`);
}

/** Only the amount, as far as the review. */
export async function reviews(walker: Walker, path: string, sum: string): Promise<void> {
  await walker.goTo(path);
  await walker.input.fill(sum);
  await walker.press(walker.words.flows.amount.review);
}

/** The whole way of a movement without a look. */
export async function moves(walker: Walker, path: string, sum: string): Promise<void> {
  await reviews(walker, path, sum);
  await walker.press(walker.words.flows.confirm.enterPin);
  await walker.enterPin();
}

/** The failure card has come. */
export const fails = (walker: Walker): Promise<void> => walker.page.locator('.fail').waitFor();

/** Movements stand on the screen. */
export const seesRows = (walker: Walker): Promise<void> => walker.page.locator('.row .amt').first().waitFor();
