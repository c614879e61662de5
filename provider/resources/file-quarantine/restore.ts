/** The API has no way back; this is run on the device. */
export const restoreCommand = 'MpCmdRun.exe -Restore -Name EUS:Win32/CustomEnterpriseBlock -All';

/** Source: Microsoft Learn, "Take response actions on a file". */
export const howToRestore = `Defender's API cannot restore a file. On the host itself an administrator runs "${restoreCommand}", which restores every file that was quarantined by request there in the last 30 days (the name may end in !cl)`;

/** More machines than the portal asks at once. */
export const indicatorFrom = 1_000;
export const indicatorAdvice = `a quarantine is one request a machine; from ${indicatorFrom} machines on, a FileIndicator (BlockAndRemediate) does it everywhere with one`;
