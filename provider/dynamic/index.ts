export type {
  Cloud,
  IsolationState,
  IsolationType,
  OnDelete,
  OnManualRelease,
  WaitFor,
} from '../resources/schema-types.ts';
export { FileQuarantine, type FileQuarantineArgs, type FileQuarantineState } from './file-quarantine.ts';
export { MachineIsolation, type MachineIsolationArgs, type MachineIsolationState } from './machine-isolation.ts';
export {
  type FileDeclaration,
  type HostDeclaration,
  type Protected,
  Quarantine,
  type QuarantineArgs,
  type QuarantineGuardrails,
  type QuarantineState,
} from './quarantine.ts';
