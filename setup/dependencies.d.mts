export declare function dependenciesAreStale(folder: string): boolean;
export declare function ensureDependencies(): Promise<void>;
