import { ensureLockedPackages } from './locked-packages.mjs';

/**
 * What the kinds of TypeScript stack bring in which the packed package is tried, in the releases locked in
 * tools/stacks. `typescript` is 5.9 there, and `typescript-6` the next.
 * @param {{ root: string, env: NodeJS.ProcessEnv }} context
 */
export function ensureStackPackages(context) {
  return ensureLockedPackages(
    {
      name: 'stacks',
      title: 'the compilers of other stacks',
      takes: '160 MB, about half a minute',
      holds: 'typescript-6/lib/typescript.js',
    },
    context,
  );
}
