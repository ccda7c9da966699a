export declare function fetchTemporalCli(target: string): Promise<string>;
export declare function checksumIn(list: string, name: string): string | undefined;
