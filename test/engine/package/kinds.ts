/** What a project's node_modules holds beside @pulumi/pulumi and pulumi-mde. */
export type Toolchain = 'none' | 'TypeScript 5.9' | 'TypeScript 5.9 and ts-node 10' | 'TypeScript 6';

/** One way to write a stack in TypeScript or JavaScript. */
export interface StackKind {
  /** Of its folder and its project. */
  readonly name: string;
  readonly title: string;
  readonly toolchain: Toolchain;
  readonly main: 'index.ts' | 'index.js';
  /** `type` of its package.json. */
  readonly module?: true;
  /** Without them there is no tsconfig.json. */
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

/** As `pulumi new typescript` wrote it for years, and as most stacks still have it. */
const classic = {
  strict: true,
  outDir: 'bin',
  target: 'es2018',
  module: 'commonjs',
  moduleResolution: 'node',
  sourceMap: true,
  experimentalDecorators: true,
  pretty: true,
  noFallthroughCasesInSwitch: true,
  noImplicitReturns: true,
  forceConsistentCasingInFileNames: true,
};

const nodenext = {
  strict: true,
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  skipLibCheck: true,
};

export const kinds: readonly StackKind[] = [
  {
    name: 'vendored',
    title: 'no typescript: the 3.8 that Pulumi brings',
    toolchain: 'none',
    main: 'index.ts',
    compilerOptions: classic,
  },
  {
    name: 'ts-node',
    title: 'TypeScript 5.9 to CommonJS, by ts-node 10',
    toolchain: 'TypeScript 5.9 and ts-node 10',
    main: 'index.ts',
    compilerOptions: { ...classic, skipLibCheck: true },
  },
  {
    name: 'vendored-ts-node',
    title: 'TypeScript 5.9, by the ts-node 7 that Pulumi brings',
    toolchain: 'TypeScript 5.9',
    main: 'index.ts',
    compilerOptions: { ...classic, skipLibCheck: true },
  },
  { name: 'no-tsconfig', title: 'TypeScript 6 without a tsconfig.json', toolchain: 'TypeScript 6', main: 'index.ts' },
  {
    name: 'nodenext',
    title: 'TypeScript 6 with nodenext, to CommonJS',
    toolchain: 'TypeScript 6',
    main: 'index.ts',
    compilerOptions: nodenext,
  },
  {
    name: 'esm',
    title: 'type: module, by ts-node/esm',
    toolchain: 'TypeScript 5.9 and ts-node 10',
    main: 'index.ts',
    module: true,
    compilerOptions: nodenext,
  },
  { name: 'plain-js', title: 'JavaScript as ES modules', toolchain: 'none', main: 'index.js', module: true },
];
