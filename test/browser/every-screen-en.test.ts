import { inspectTour } from './tour/inspect-tour.ts';

inspectTour({ language: 'en', theme: 'dark' });
