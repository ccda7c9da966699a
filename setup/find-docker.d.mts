export declare function dockerEndpoint(env?: NodeJS.ProcessEnv): { readonly url: string; readonly from: string };
export declare function askDocker(url: string): Promise<string>;
export declare const defaultSocket: string;
