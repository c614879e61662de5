import * as pulumi from '@pulumi/pulumi';
import { MachineIsolation } from 'pulumi-mde';

/**
 * One host, kept isolated. Which host and why come from the stack's configuration:
 *
 *   pulumi config set deviceName laptop-7.contoso.com      (or: machineId, 40 hexadecimal digits)
 *   pulumi config set comment "INC-4711 ransomware"
 *
 * How to sign in comes from `mde:tenantId`, `mde:clientId` and `mde:clientSecret` (set that one with --secret), or from
 * AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; where to, for a simulator, from `mde:apiUrl` and
 * `mde:authorityHost`.
 */
const config = new pulumi.Config();

const isolation = new MachineIsolation(
  'patient-zero',
  {
    machineId: config.get('machineId'),
    deviceName: config.get('deviceName'),
    comment: config.require('comment'),
  },
  { customTimeouts: { create: '20m', delete: '30m' } },
);

export const machineId = isolation.machineId;
export const deviceName = isolation.deviceName;
export const state = isolation.state;
export const coveredUntil = isolation.coveredUntil;
