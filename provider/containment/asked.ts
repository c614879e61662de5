import type { MachineAction } from '../defender/machine-action.ts';
import type { ResponseRequest } from '../defender/response-actions.ts';

/**
 * Whether the action does what is asked for: it is of that type; of files, about the same file; of scans, at least as
 * thorough. What the service does not tell (the scope of a new scan may be null) is taken for something else.
 */
export function isAsked(action: MachineAction, ask: ResponseRequest): boolean {
  if (action.type !== ask.type) return false;
  switch (ask.type) {
    case 'StopAndQuarantineFile':
      return action.sha1 === ask.sha1;
    case 'RunAntiVirusScan':
      return ask.scanType === 'Quick' || action.scope === 'Full';
    default:
      return true;
  }
}
