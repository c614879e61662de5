import { setFlagsFromString } from 'node:v8';

/**
 * The engine starts several plugins on a runner that may be small, and a fleet of ten thousand hosts leaves far more
 * garbage than it keeps: V8 would let the heap grow to many times what is in use before it collects. With this it
 * collects once a third has been added. (The young generation's size can only be set at the start: see the start scripts.)
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=30');
}
