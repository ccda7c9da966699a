export declare function findTemporalCli(env?: NodeJS.ProcessEnv): { readonly path: string; readonly version: string };
