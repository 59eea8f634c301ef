import { useSyncExternalStore } from 'react';

function subscribe(told: () => void): () => void {
  addEventListener('online', told);
  addEventListener('offline', told);
  return () => {
    removeEventListener('online', told);
    removeEventListener('offline', told);
  };
}

/** Whether the device says that it has a network. Nothing that moves money is begun, let alone kept for later, without. */
export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);
