import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { isMain } from './is-main.ts';

/**
 * Which part of the code may look at which: imports point down only. A part is the longest folder below that a file
 * lies in, or the file itself; it may always look at itself.
 */
interface Part {
  /** Or a single file. */
  readonly folder: string;
  /** Parts it may import anything from. */
  readonly uses: readonly string[];
  /** Parts it may import types from, and nothing that is there at run time. */
  readonly typesOf?: readonly string[];
  /** Packages and Node modules it may import; undefined: any. */
  readonly packages?: readonly string[];
}

// Generated from the schema: it imports nothing, and all who speak the schema's words may use it.
const words = 'provider/resources/schema-types.ts';
const core = ['provider/containment', 'provider/defender'];
const middle = ['provider/fleet', 'provider/manifest', ...core];
const upper = ['provider/resources', 'provider/functions', words, ...middle];

export const parts: readonly Part[] = [
  // The two adapters translate a protocol each and never meet.
  { folder: 'provider/plugin', uses: ['provider', ...upper, 'schema'] },
  { folder: 'provider/dynamic', uses: ['provider', ...upper, 'schema'] },
  // The third adapter: the command line.
  { folder: 'cli', uses: ['provider', ...upper, 'schema', 'simulator'] },
  // What the adapters share, at the top of provider/ itself.
  { folder: 'provider', uses: [...upper, 'schema'] },
  // Where the provider is put together, of resources and functions.
  { folder: 'provider/resources', uses: ['provider/functions', words, ...middle] },
  { folder: 'provider/functions', uses: [words, ...middle], typesOf: ['provider/resources'] },
  { folder: words, uses: [] },
  { folder: 'provider/fleet', uses: core },
  { folder: 'provider/manifest', uses: [...core, 'schema'] },
  { folder: 'provider/containment', uses: [], typesOf: ['provider/defender'], packages: ['node:crypto'] },
  { folder: 'provider/defender', uses: [] },
  { folder: 'simulator', uses: [] },
  { folder: 'schema', uses: [] },
  // These drive the product from outside, so they may look at all of it.
  ...['bench', 'demo', 'test', 'tools'].map((folder) => ({
    folder,
    uses: [
      'bench',
      'cli',
      'demo',
      'provider',
      'provider/plugin',
      'provider/dynamic',
      ...upper,
      'schema',
      'simulator',
      'test',
      'tools',
    ],
  })),
];

export interface Import {
  readonly line: number;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Every way in which a TypeScript file names another module. */
export function importsOf(path: string, text: string): readonly Import[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean) => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
    found.push({ line: line + 1, specifier: specifier.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    } else if (ts.isExportDeclaration(node)) {
      add(node, node.moduleSpecifier, node.isTypeOnly);
    } else if (ts.isImportTypeNode(node)) {
      add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, true);
    } else if (ts.isCallExpression(node) && isModuleCall(node.expression)) {
      add(node, node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** `import(…)`, `require(…)`, `require.resolve(…)` and `import.meta.resolve(…)`. */
function isModuleCall(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  if (ts.isIdentifier(callee)) return callee.text === 'require';
  return (
    ts.isPropertyAccessExpression(callee) &&
    callee.name.text === 'resolve' &&
    /^(require|import\.meta)$/.test(callee.expression.getText())
  );
}

/**
 * What is wrong with the imports of one file, a sentence each.
 * @param file its path from the repository's root, with forward slashes
 */
export function wrongImports(file: string, text: string): readonly string[] {
  const part = partOf(file);
  if (part === undefined) return [];
  const wrong: string[] = [];
  for (const { line, specifier, typeOnly } of importsOf(file, text)) {
    const reason = specifier.startsWith('.')
      ? whyNotFile(part, file, specifier, typeOnly)
      : whyNotPackage(part, specifier);
    if (reason !== undefined) wrong.push(`${file}:${line} imports ${specifier}: ${reason}`);
  }
  return wrong;
}

function whyNotFile(part: Part, file: string, specifier: string, typeOnly: boolean): string | undefined {
  const target = posix.normalize(posix.join(posix.dirname(file), specifier));
  // Files at the very top, such as package.json, are everybody's.
  if (!target.includes('/')) return undefined;
  const other = partOf(target);
  if (other === part) return undefined;
  if (other === undefined) return `${target} belongs to no part that code may import from`;
  if (part.uses.includes(other.folder)) return undefined;
  if (part.typesOf?.includes(other.folder) === true) {
    return typeOnly ? undefined : `${part.folder} may import only types from ${other.folder} (import type)`;
  }
  return `${part.folder} may not look at ${other.folder}; imports point down only`;
}

function whyNotPackage(part: Part, specifier: string): string | undefined {
  if (part.packages === undefined || part.packages.includes(specifier)) return undefined;
  return `${part.folder} is pure and imports no package but ${part.packages.join(', ')}`;
}

function partOf(file: string): Part | undefined {
  const holding = parts.filter((part) => file === part.folder || file.startsWith(`${part.folder}/`));
  return holding.sort((a, b) => b.folder.length - a.folder.length)[0];
}

/** Every wrong import of the repository. */
export function checkLayers(root: string): readonly string[] {
  const roots = new Set(parts.map((part) => part.folder.split('/')[0]));
  return [...roots].flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,mts,cts}`, { cwd: root, exclude: (name) => name === 'node_modules' })
      .map((file) => file.split(sep).join('/'))
      .sort()
      .flatMap((file) => wrongImports(file, readFileSync(join(root, file), 'utf8'))),
  );
}

if (isMain(import.meta.url)) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const wrong = checkLayers(root);
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exitCode = 1;
  else console.log(`imports point down only`);
}
