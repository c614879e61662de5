import { readManifest } from '../../provider/manifest/manifest.ts';
import type { CliPorts } from '../ports.ts';
import { readText } from '../read-text.ts';
import { shown } from '../safe-text.ts';
import { type Finding, type FindingFormat, formatFindings } from './findings.ts';

export interface ValidateOptions {
  readonly files: readonly string[];
  readonly format: FindingFormat;
}

/** Judges manifests without any call. Answers the exit code: 0 where all are valid, else 1. */
export async function validate(options: ValidateOptions, ports: CliPorts): Promise<number> {
  const findings: Finding[] = [];
  const talk: string[] = [];
  for (const file of options.files) {
    const read = await readText(file, ports);
    if ('failure' in read) {
      findings.push({ file, line: undefined, column: undefined, path: '', reason: read.failure });
      continue;
    }
    const { manifest, problems } = await readManifest(read.text);
    for (const { line, column, path, reason } of problems) findings.push({ file, line, column, path, reason });
    if (manifest !== undefined) talk.push(`${shown(file)}: valid, ${hosts(manifest.hosts.length)}`);
    else talk.push(`${shown(file)}: not valid`);
  }
  ports.terminal.out(formatFindings(findings, options.format));
  if (talk.length > 0) ports.terminal.err(`${talk.join('\n')}\n`);
  return findings.length === 0 ? 0 : 1;
}

function hosts(count: number): string {
  return count === 1 ? '1 host' : `${count} hosts`;
}
