/** Answers as the service writes them, for tests. */
export const machineId = '1e5bc9d7e413ddd7902c2932e418702b84d0cc07';
export const otherMachineId = '7b1f4967d9728e5aa3c06a9e617a22a4a5a17378';
export const actionId = '5382f7ea-7557-4ab7-9782-d50480024a4e';

export function actionBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    '@odata.context': 'https://api.security.microsoft.com/api/$metadata#MachineActions/$entity',
    id: actionId,
    type: 'Isolate',
    title: null,
    requestor: 'quarantine',
    requestorComment: '[mde:0123456789abcdef] ticket',
    status: 'Pending',
    machineId,
    computerDnsName: 'laptop-7.contoso.com',
    creationDateTimeUtc: '2026-01-05T11:25:48.3308187Z',
    lastUpdateDateTimeUtc: '2026-01-05T11:25:48.330819Z',
    cancellationRequestor: null,
    cancellationComment: null,
    cancellationDateTimeUtc: null,
    errorHResult: 0,
    scope: null,
    externalId: null,
    requestSource: 'PublicApi',
    relatedFileInfo: null,
    commands: [],
    troubleshootInfo: null,
    ...changes,
  };
}

export function machineBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: machineId,
    computerDnsName: 'laptop-7.contoso.com',
    firstSeen: '2025-08-02T14:55:03.7791856Z',
    lastSeen: '2026-01-05T09:55:03.7791856Z',
    osPlatform: 'Windows11',
    version: '23H2',
    lastIpAddress: '10.0.0.7',
    healthStatus: 'Active',
    onboardingStatus: 'Onboarded',
    deviceValue: 'Normal',
    rbacGroupId: 140,
    machineTags: ['floor-3'],
    ipAddresses: [{ ipAddress: '10.0.0.7', macAddress: '0A1B2C3D4E5F', type: 'Ethernet', operationalStatus: 'Up' }],
    mergedIntoMachineId: null,
    aadDeviceId: null,
    ...changes,
  };
}

export function guid(number: number): string {
  return `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

export function errorBody(code: string, message = '', target?: string): string {
  return JSON.stringify({ error: { code, message, ...(target === undefined ? {} : { target }) } });
}

/** A token as Entra shapes it; the signature is none. */
export function jwt(payload: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(payload)}.c2lnbmF0dXJl`;
}
