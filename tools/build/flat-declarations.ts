import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/**
 * The types of one entry as a single declaration file: every local module it draws on is put inline, only what the
 * entry exports is exported, and what nothing refers to is left out. One flat file in plain syntax, since stacks may
 * compile with the TypeScript 3.8 that Pulumi brings along, where a declaration file that names a `.ts` module
 * silently turns into `any`.
 *
 * Works on each file alone, without type checking, so exported values must say their types (isolated declarations).
 * @throws Error naming what cannot be flattened: a renamed or namespace import of a local module, a name used twice
 */
export function flatDeclarations(entry: string): string {
  const modules = new Map<string, Module>();
  readModule(entry, modules);
  const top = modules.get(entry);
  if (top === undefined) throw new Error(`${entry} was not read`);

  const declared = new Map<string, Declaration>();
  for (const module of modules.values()) {
    for (const declaration of module.declarations) {
      const other = declared.get(declaration.name);
      // Overloads and merged interfaces of one file belong together.
      if (other !== undefined && other.file !== declaration.file) {
        throw new Error(`${declaration.name} is declared in ${other.file} and in ${declaration.file}`);
      }
      declared.set(declaration.name, other === undefined ? declaration : merged(other, declaration));
    }
  }

  const exported = new Set([...top.exports, ...top.declarations.filter((one) => one.exported).map((one) => one.name)]);
  const needed = reachableFrom(exported, declared);
  const imports = new Set([...modules.values()].flatMap((module) => module.packageImports));
  const used = new Set([...needed].flatMap((name) => [...(declared.get(name)?.refersTo ?? [])]));
  const lines = [
    ...[...imports].filter((one) => one.names.some((name) => used.has(name))).map((one) => one.text),
    ...[...declared.values()].filter((one) => needed.has(one.name)).map((one) => one.text),
    `export { ${[...exported].filter((name) => declared.get(name)?.isValue === true).join(', ')} };`,
    `export type { ${[...exported].filter((name) => declared.get(name)?.isValue === false).join(', ')} };`,
  ];
  const missing = [...exported].filter((name) => !declared.has(name));
  if (missing.length > 0) throw new Error(`${entry} exports ${missing.join(', ')}, which no local module declares`);
  return `${lines.join('\n\n')}\n`;
}

interface Declaration {
  readonly file: string;
  readonly name: string;
  /** Without `export`. */
  readonly text: string;
  readonly exported: boolean;
  readonly isValue: boolean;
  readonly refersTo: ReadonlySet<string>;
}

interface Module {
  readonly declarations: readonly Declaration[];
  /** Names exported by `export { … }`, with or without a module. */
  readonly exports: readonly string[];
  readonly packageImports: readonly { readonly text: string; readonly names: readonly string[] }[];
}

function readModule(file: string, modules: Map<string, Module>): void {
  if (modules.has(file)) return;
  if (!existsSync(file)) throw new Error(`${file} is not there`);
  const { outputText, diagnostics } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2024, module: ts.ModuleKind.NodeNext, isolatedDeclarations: true },
  });
  if (diagnostics !== undefined && diagnostics.length > 0) {
    throw new Error(
      ts.formatDiagnostics(diagnostics, {
        getCurrentDirectory: () => '',
        getCanonicalFileName: (name) => name,
        getNewLine: () => '\n',
      }),
    );
  }
  const source = ts.createSourceFile(file, outputText, ts.ScriptTarget.Latest, true);
  const declarations: Declaration[] = [];
  const exports: string[] = [];
  const packageImports: { text: string; names: string[] }[] = [];
  // Set before going on, so that modules that import types of each other end.
  modules.set(file, { declarations, exports, packageImports });
  const follow = (specifier: string) => readModule(join(dirname(file), specifier.replace(/\.js$/, '.ts')), modules);

  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      const specifier = moduleOf(statement.moduleSpecifier);
      const names = importedNames(statement, specifier, file);
      if (specifier.startsWith('.')) follow(specifier);
      else packageImports.push({ text: statement.getText(source), names });
    } else if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      if (exportClause === undefined || !ts.isNamedExports(exportClause))
        throw new Error(`${file}: name what is exported`);
      if (exportClause.elements.some((element) => element.propertyName !== undefined)) {
        throw new Error(`${file}: an export may not rename`);
      }
      exports.push(...exportClause.elements.map((element) => element.name.text));
      if (moduleSpecifier !== undefined) follow(moduleOf(moduleSpecifier));
    } else {
      declarations.push(...declarationsOf(statement, source, file));
    }
  }
}

function moduleOf(specifier: ts.Expression): string {
  if (!ts.isStringLiteral(specifier)) throw new Error('a module is named by a string');
  return specifier.text;
}

function importedNames(statement: ts.ImportDeclaration, specifier: string, file: string): string[] {
  const clause = statement.importClause;
  const names = clause?.name === undefined ? [] : [clause.name.text];
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return names;
  if (ts.isNamespaceImport(bindings)) {
    if (specifier.startsWith('.')) throw new Error(`${file}: import the names you need of ${specifier}, not all of it`);
    return [...names, bindings.name.text];
  }
  if (specifier.startsWith('.') && bindings.elements.some((element) => element.propertyName !== undefined)) {
    throw new Error(`${file}: an import of ${specifier} may not rename`);
  }
  return [...names, ...bindings.elements.map((element) => element.name.text)];
}

function declarationsOf(statement: ts.Statement, source: ts.SourceFile, file: string): Declaration[] {
  const names = namesOf(statement);
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  const exportModifier = modifiers.find((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword);
  const full = statement.getFullText(source);
  const offset = statement.getFullStart();
  const text =
    exportModifier === undefined
      ? full
      : full.slice(0, exportModifier.getStart(source) - offset) + full.slice(exportModifier.end + 1 - offset);
  const isValue = !ts.isInterfaceDeclaration(statement) && !ts.isTypeAliasDeclaration(statement);
  const refersTo = identifiersIn(statement);
  return names.map((name) => ({
    file,
    name,
    text: text.trim(),
    exported: exportModifier !== undefined,
    isValue,
    refersTo,
  }));
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((declaration) => declaration.name.getText());
  }
  if (
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement)
  ) {
    return statement.name === undefined ? [] : [statement.name.text];
  }
  return [];
}

function identifiersIn(node: ts.Node): Set<string> {
  const found = new Set<string>();
  const visit = (child: ts.Node): void => {
    if (ts.isIdentifier(child)) found.add(child.text);
    ts.forEachChild(child, visit);
  };
  visit(node);
  return found;
}

function merged(a: Declaration, b: Declaration): Declaration {
  return { ...a, text: `${a.text}\n${b.text}`, refersTo: new Set([...a.refersTo, ...b.refersTo]) };
}

function reachableFrom(roots: ReadonlySet<string>, declared: ReadonlyMap<string, Declaration>): Set<string> {
  const reached = new Set<string>();
  const queue = [...roots];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const declaration = declared.get(name);
    if (declaration === undefined || reached.has(name)) continue;
    reached.add(name);
    queue.push(...declaration.refersTo);
  }
  return reached;
}
