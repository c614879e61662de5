import { judgeChoice } from '../manifest/host-rules.ts';
import { type SinglePorts, singleOneShot } from './one-shot/single.ts';
import type { Resource } from './resource.ts';
import { antivirusScanInputNames, antivirusScanOutputNames, scanTypeValues } from './schema-types.ts';

/** `mde:index:AntivirusScan`: one host is scanned, and scanned again when a trigger changes. */
export function antivirusScan(ports: SinglePorts): Resource {
  return singleOneShot(
    {
      token: 'mde:index:AntivirusScan',
      name: 'AntivirusScan',
      type: 'RunAntiVirusScan',
      inputNames: antivirusScanInputNames,
      outputNames: antivirusScanOutputNames,
      purpose: 'scanned',
      options: { scanType: (given = 'Quick') => judgeChoice(given, scanTypeValues) },
      ask: ({ scanType }) => ({ type: 'RunAntiVirusScan', scanType: scanType === 'Full' ? 'Full' : 'Quick' }),
      optionsOf: ({ scope }) => ({ scanType: scope === 'Full' ? 'Full' : 'Quick' }),
    },
    ports,
  );
}
