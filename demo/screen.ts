import { styleText } from 'node:util';
import { shorten } from './shorten.ts';
import { shortenLists, shortenTable } from './shorten-lists.ts';
import { wrap } from './wrap.ts';

type Style = Parameters<typeof styleText>[0];

const widest = 120;

/** What the demo prints, line by line: coloured on a terminal, plain elsewhere. */
export class Screen {
  readonly #stream: NodeJS.WriteStream;

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream;
  }

  get width(): number {
    return Math.min(this.#stream.columns ?? widest, widest);
  }

  blank(): void {
    this.#stream.write('\n');
  }

  /** A chapter's number and its one sentence. */
  headline(number: number, text: string): void {
    this.#print(`${number}. ${text}`, 'bold');
    this.blank();
  }

  /** What the demo has to say. */
  say(text: string): void {
    this.#print(text, undefined, 0);
  }

  /** What happens outside of Pulumi. */
  event(text: string): void {
    this.#print(`» ${text}`, 'yellow');
  }

  /** A command as a person would type it. */
  command(folder: string, words: readonly string[]): void {
    this.#print(`${folder} $ ${words.map(quoted).join(' ')}`, 'cyan');
  }

  /** Lines of a file. */
  excerpt(lines: readonly string[]): void {
    for (const line of lines) this.#print(`  ${line}`, 'dim');
  }

  /** The engine's output, shortened. */
  output(text: string): void {
    for (const line of shortenLists(shorten(text))) this.#print(`  ${line}`, styleOfRow(line));
  }

  /** What `pulumi-mde` printed, shortened. */
  table(text: string): void {
    for (const line of shortenTable(text, this.width - 2)) this.#print(`  ${line}`, 'dim');
  }

  /** The engine's output as it came. */
  wholeOutput(text: string): void {
    for (const line of text.trimEnd().split('\n')) this.#stream.write(`${`  ${line}`.trimEnd()}\n`);
  }

  /** What the simulator's record proves. */
  proven(text: string): void {
    this.#print(`✓ ${text}`, 'green');
    this.blank();
  }

  wrong(text: string): void {
    this.#print(`✗ ${text}`, 'red');
  }

  /** Lines that are to stay as they are: a table, a command to copy. */
  verbatim(lines: readonly string[]): void {
    for (const line of lines) this.#stream.write(`${line}\n`);
  }

  #print(text: string, style?: Style, hanging = 2): void {
    for (const line of wrap(text, this.width, hanging)) {
      this.#stream.write(`${style === undefined ? line : styleText(style, line, { stream: this.#stream })}\n`);
    }
  }
}

const styles: Readonly<Record<string, Style>> = { '+': 'green', '~': 'yellow', '-': 'red' };

function styleOfRow(line: string): Style {
  return styles[/^ +([+~-]) /.exec(line)?.[1] ?? ''] ?? 'dim';
}

function quoted(word: string): string {
  return /^[\w./:=@%+-]+$/.test(word) ? word : `'${word}'`;
}
