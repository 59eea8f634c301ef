import type { Card } from '../../../../src/contract/wallet.ts';

/** Where one can go from an operation on the screen. What a screen cannot do is left out. */
export type OperationExits = {
  /** Out of the task. */
  onClose: () => void;
  /** Back from a step that waits for the person. */
  onBack: () => void;
  onRestart: () => void;
  /** A small sum was to go without the PIN, and it is asked for after all. */
  pinAfterAll?: boolean;
  /** Where a detour comes back to. */
  here: string;
  fields: readonly string[];
  onEdit?: (field: string) => void;
  onUseCard?: (card: Card) => void;
  onChooseCard?: () => void;
  onLower?: (minor: bigint) => void;
  onChoosePayee?: () => void;
};
