import { describe, expect, it } from 'vitest';
import { compareConfiguration } from '../../../activities/observe/compare-configuration.ts';

const recorded = `
services:
  web:
    image: web:1
    environment:
      TOKEN: secret-one
      LEVEL: '1'
      GONE: x
    ports: ['80:80']
  old: { image: old }
networks: { default: {} }
`;

describe('the keys of two configurations', () => {
  it('are told by name with what became of them, and no value is', () => {
    const now = `
services:
  web:
    image: web:1
    command: ['serve']
    environment: ['LEVEL=1', 'TOKEN=secret-two', 'NEW=y']
    ports: ['81:80']
  extra: { image: extra }
networks: { other: {} }
`;
    const changes = compareConfiguration(recorded, now);
    expect(changes).toEqual([
      { service: 'extra', key: 'the service', what: 'added' },
      { service: 'old', key: 'the service', what: 'removed' },
      { service: 'web', key: 'command', what: 'added' },
      { service: 'web', key: 'environment.GONE', what: 'removed' },
      { service: 'web', key: 'environment.NEW', what: 'added' },
      { service: 'web', key: 'environment.TOKEN', what: 'changed' },
      { service: 'web', key: 'ports', what: 'changed' },
      { service: null, key: 'networks', what: 'changed' },
    ]);
    expect(JSON.stringify(changes)).not.toContain('secret');
  });

  it('are the same whatever their order', () => {
    const now = `
networks: { default: {} }
services:
  old: { image: old }
  web:
    ports: ['80:80']
    environment: { LEVEL: 1, GONE: x, TOKEN: secret-one }
    image: web:1
`;
    expect(compareConfiguration(recorded, now)).toEqual([]);
  });
});
