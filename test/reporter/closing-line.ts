import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { closingLine, type Totals } from '../../tools/gate/totals.ts';

/**
 * The usual listing, ended by `N passed, N failed`. Where the gate adds up several runs it names a file in
 * PULUMI_MDE_TEST_RESULT: then the counts go there, and the one closing line is the gate's.
 */
export default class ClosingLine extends Mocha.reporters.Spec {
  override epilogue(): void {
    super.epilogue();
    const totals: Totals = { passed: this.stats.passes, failed: this.stats.failures, skipped: this.stats.pending };
    const resultFile = process.env.PULUMI_MDE_TEST_RESULT;
    if (resultFile === undefined) console.log(closingLine(totals));
    else writeFileSync(resultFile, JSON.stringify(totals));
  }
}
