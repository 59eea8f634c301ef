import type { CauseCode } from '../causes/registry.ts';

/**
 * What the use cases behind several routes refuse with, for the description of the API: each route names these or its own.
 * Whoever adds a cause finds out: a test that is refused with one that its route does not name fails.
 */

type Causes = readonly CauseCode[];

/** Something typed that is missing, or has not its form. */
export const ofInput: Causes = ['input.missing', 'input.format_invalid'];

/** Why somebody's account does nothing at present. */
export const ofAccount: Causes = [
  'account.closed',
  'account.frozen_by_law',
  'account.frozen_by_you',
  'account.frozen_security',
];

export const ofPin: Causes = ['security.pin_not_set', 'security.pin_wrong', 'security.pin_locked'];

/** Whom money is to go to; looking for numbers is counted. */
export const ofPayee: Causes = [
  'contact.phone_invalid',
  'input.payee_self',
  'third_party.payee_not_found',
  'third_party.payee_cannot_receive',
  'limit.tries',
];

/** A sum for which there is too little, or not enough left of a limit: at the start, and again when it is confirmed. */
const ofSum: Causes = [
  'account.insufficient_balance',
  'limit.single',
  'limit.day',
  'limit.year',
  'limit.lifetime',
  'security.change_pause',
];

/** Whether somebody may move this sum. */
const ofMoving: Causes = [
  ...ofAccount,
  'identity.verification_required',
  'security.pin_not_set',
  'input.amount_invalid',
  'policy.currency_unsupported',
  ...ofSum,
];

const ofOrder: Causes = [
  'input.code_unrecognised',
  'operation.order_closed',
  'operation.order_paid',
  'third_party.merchant_closed',
];
const ofBank: Causes = ['bank.unreachable', 'bank.maintenance'];
const ofCode: Causes = ['otp.wrong', 'otp.expired', 'otp.used', 'otp.locked'];

/** Another one that stands in the way, or the id of another one. */
const ofTwice: Causes = ['operation.conflict', 'operation.in_progress', 'operation.previous_unsettled'];

export const ofSending: Causes = [...ofInput, ...ofMoving, ...ofPayee, ...ofPin, 'security.pin_required', ...ofTwice];

export const ofStart: Causes = [
  ...ofInput,
  ...ofMoving,
  ...ofPayee,
  ...ofOrder,
  ...ofBank,
  ...ofTwice,
  'card.binding_broken',
  'card.already_bound',
  'card.issuer_unsupported',
  'card.type_unsupported',
  'input.card_number_typo',
  'limit.cards_per_account',
  'limit.accounts_per_card',
  'input.id_number_invalid',
  'identity.document_mismatch',
  'policy.underage',
];

export const ofStep: Causes = [
  ...ofInput,
  ...ofCode,
  ...ofPin,
  'security.pin_required',
  'input.secret_weak',
  ...ofAccount,
  'identity.verification_required',
  'security.pin_not_set',
  ...ofSum,
  'card.binding_broken',
  ...ofOrder,
  'operation.not_found',
  'operation.expired',
  'operation.conflict',
];

export const ofCancelling: Causes = ['operation.not_found', 'operation.cancel_too_late'];
export const ofAsking: Causes = ['operation.not_found'];

export const ofResending: Causes = [
  'operation.not_found',
  'operation.expired',
  'otp.locked',
  'contact.undeliverable',
  'third_party.message_channel_down',
  ...ofBank,
];
