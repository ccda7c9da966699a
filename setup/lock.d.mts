export declare function alone<T>(folder: string, deadlineMs: number, work: () => Promise<T>): Promise<T>;
