export declare function filesToRunAgain(report: unknown): string[];
export declare function withSecondRun(first: unknown, second: unknown): unknown;
export declare function unsteady(first: unknown, second: unknown, root: string): string[];
