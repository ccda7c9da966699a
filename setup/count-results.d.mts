export interface ResultCounts {
  readonly passed: number;
  readonly failed: number;
}
export declare function countResults(report: unknown, settings?: { readonly filtered?: boolean }): ResultCounts;
export declare function resultLine(counts: ResultCounts): string;
