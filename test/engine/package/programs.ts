import type { StackKind } from './kinds.ts';

/** The two hosts of a project: one is isolated by the dynamic class, one by the plugin. */
export function hostsOf({ name }: StackKind): readonly [byClass: string, byPlugin: string] {
  return [`${name}-1.contoso.com`, `${name}-2.contoso.com`];
}

const imports = `import * as pulumi from '@pulumi/pulumi';
import * as mde from 'pulumi-mde';
import * as plugin from 'pulumi-mde/plugin';
`;

/** A program that isolates both hosts. */
export function rightProgram(kind: StackKind): string {
  const typed = (type: string) => (kind.main === 'index.ts' ? `: ${type}` : '');
  const [byClass, byPlugin] = hostsOf(kind);
  return `${imports}
const one = new mde.MachineIsolation('one', { deviceName: '${byClass}', comment: 'INC-4711', isolationType: 'Selective' });
const two = new plugin.MachineIsolation('two', { deviceName: '${byPlugin}', comment: 'INC-4711' });
export const machineId${typed('pulumi.Output<string>')} = one.machineId;
export const owned${typed('pulumi.Output<boolean>')} = two.owned;
`;
}

const rightLines = [
  ...imports.trim().split('\n'),
  'declare const byClass: mde.MachineIsolation;',
  'declare const byPlugin: plugin.MachineIsolation;',
];

/** Each is wrong by its types alone, and would not be if one of them were `any`. */
const wrongLines = [
  "export const a = new mde.MachineIsolation('a', { deviceNam: 'pc-7.contoso.com', comment: 'INC-4711' });",
  "export const b = new mde.MachineIsolation('b', { deviceName: 'pc-7.contoso.com', comment: 7 });",
  "export const c = new mde.MachineIsolation('c', { deviceName: 'pc-7.contoso.com' });",
  'export const d: pulumi.Output<number> = byClass.machineId;',
  "export const e = new plugin.MachineIsolation('e', { deviceNam: 'pc-7.contoso.com', comment: 'INC-4711' });",
  "export const f = new plugin.MachineIsolation('f', { deviceName: 'pc-7.contoso.com', isolationType: 'Half', comment: 'x' });",
  'export const g: pulumi.Output<number> = byPlugin.machineId;',
  "export const h = new mde.MachineIsolatio('h', {});",
];

/** A program that no compiler should take, and the numbers of the lines that it should complain of. */
export const wrongProgram = {
  text: [...rightLines, ...wrongLines, ''].join('\n'),
  lines: wrongLines.map((_, index) => rightLines.length + index + 1),
};

/** The lines that a compiler complained of, as `FILE(LINE,COLUMN): error TS…`. */
export function linesTold(output: string, file: string): readonly number[] {
  const told = output.matchAll(new RegExp(`${file.replace('.', '\\.')}\\((\\d+),\\d+\\): error TS`, 'g'));
  return [...new Set([...told].map(([, line]) => Number(line)))].sort((a, b) => a - b);
}
