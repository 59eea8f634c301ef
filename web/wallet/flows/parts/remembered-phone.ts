let remembered: string | null = null;

/**
 * The phone number that was typed in this visit, so that it need not be typed again as the bank's. Kept in memory
 * alone: the browser stores nothing, and closing the app forgets it.
 */
export const rememberPhone = (phone: string): void => {
  remembered = phone;
};
export const rememberedPhone = (): string | null => remembered;
