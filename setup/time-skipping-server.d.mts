export declare function timeSkippingServer(env?: NodeJS.ProcessEnv): string;
export declare function installTimeSkippingServer(env?: NodeJS.ProcessEnv): Promise<string>;
