/**
 * What a manifest may cost at most, far above what ten thousand hosts with long comments need (about 6 MiB and 300,000
 * values) and far below what would stop a run.
 */

/** Characters of a text, 8 Mi. */
export const longestText = 8 * 1024 * 1024;
/** Maps and lists within each other; a manifest has four. */
export const deepest = 32;
/** Values, however they are written. */
export const mostValues = 1_000_000;
/** Values that aliases stand for, again for each time. */
export const mostAliasedValues = 100_000;
