import { createHash } from 'node:crypto';

export interface IndicatorMarkSource {
  readonly project: string;
  readonly stack: string;
  readonly name: string;
  readonly indicatorValue: string;
  /** Tells two backends apart that hold stacks of equal names. */
  readonly ownerKey?: string | undefined;
}

/**
 * What an indicator bears as its application: by it a run that was killed, or whose answer was lost, finds again what it
 * made, without any state (semantics 3.1).
 */
export function indicatorMark({ ownerKey = '', project, stack, name, indicatorValue }: IndicatorMarkSource): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(['indicator', ownerKey, project, stack, name, indicatorValue]))
    .digest('hex');
  return `pulumi-mde [mde:${digest.slice(0, 16)}]`;
}
