import { inspectTour } from './tour/inspect-tour.ts';

inspectTour({ language: 'zh-CN', theme: 'light' });
