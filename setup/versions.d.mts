export declare const temporalCliVersion: string;
export declare const composeVersion: string;
export declare const testServerVersion: string;
