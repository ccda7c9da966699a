export declare const root: string;
export declare function cacheDir(env?: NodeJS.ProcessEnv): string;
export declare function cachedTemporalCli(env?: NodeJS.ProcessEnv): string;
export declare function cachedCompose(env?: NodeJS.ProcessEnv): string;
