import type { ReactNode } from 'react';

/** What a component is given to show. Without promises, so that "is there any?" is a question that has an answer. */
export type Content = Exclude<ReactNode, Promise<unknown>>;
