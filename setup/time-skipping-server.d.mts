export declare function timeSkippingServer(env?: NodeJS.ProcessEnv): string;
export declare function installTimeSkippingServer(say: (text: string) => void, env?: NodeJS.ProcessEnv): void;
