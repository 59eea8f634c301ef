import './flows.css';
import { lazy } from 'react';
import type { RouteObject } from 'react-router';

const OpenPage = lazy(async () => ({ default: (await import('./open/open-page.tsx')).OpenPage }));
const VerifyPage = lazy(async () => ({ default: (await import('./verify/verify-page.tsx')).VerifyPage }));
const PinPage = lazy(async () => ({ default: (await import('./pin/pin-page.tsx')).PinPage }));
const ResetPinPage = lazy(async () => ({ default: (await import('./reset-pin/reset-pin-page.tsx')).ResetPinPage }));
const FreezePage = lazy(async () => ({ default: (await import('./freeze/freeze-page.tsx')).FreezePage }));
const ClosePage = lazy(async () => ({ default: (await import('./close/close-page.tsx')).ClosePage }));
const SmallPaymentsPage = lazy(async () => ({
  default: (await import('./small-payments/small-payments-page.tsx')).SmallPaymentsPage,
}));
const BindPage = lazy(async () => ({ default: (await import('./bind/bind-page.tsx')).BindPage }));
const TopUpPage = lazy(async () => ({ default: (await import('./card-move/card-move-page.tsx')).TopUpPage }));
const WithdrawPage = lazy(async () => ({ default: (await import('./card-move/card-move-page.tsx')).WithdrawPage }));
const PayPage = lazy(async () => ({ default: (await import('./pay/pay-page.tsx')).PayPage }));
const ScanPage = lazy(async () => ({ default: (await import('./scan/scan-page.tsx')).ScanPage }));
const SendPage = lazy(async () => ({ default: (await import('./send/send-page.tsx')).SendPage }));
const OperationPage = lazy(async () => ({ default: (await import('./operation/operation-page.tsx')).OperationPage }));

/** Everything a person can ask the wallet to do, each fetched when it is opened. */
export const flowRoutes: RouteObject[] = [
  { path: '/open', element: <OpenPage /> },
  { path: '/verify', element: <VerifyPage /> },
  { path: '/pin', element: <PinPage /> },
  { path: '/pin/reset', element: <ResetPinPage /> },
  { path: '/freeze', element: <FreezePage /> },
  { path: '/close', element: <ClosePage /> },
  { path: '/small-payments', element: <SmallPaymentsPage /> },
  { path: '/bind', element: <BindPage /> },
  { path: '/top-up', element: <TopUpPage /> },
  { path: '/withdraw', element: <WithdrawPage /> },
  { path: '/pay/:orderId', element: <PayPage /> },
  { path: '/scan', element: <ScanPage /> },
  { path: '/send', element: <SendPage /> },
  { path: '/operations/:id', element: <OperationPage /> },
];
