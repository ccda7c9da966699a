export interface ComposeFound {
  readonly kind: 'named' | 'plugin' | 'standalone' | 'built';
  readonly path: string;
}
export declare function findCompose(env?: NodeJS.ProcessEnv): ComposeFound | undefined;
export declare function composeEnvironment(env?: NodeJS.ProcessEnv): Readonly<Record<string, string>>;
