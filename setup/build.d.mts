export declare function buildIsStale(folder: string): boolean;
export declare function ensureBuild(): Promise<void>;
