import { describe, expect, it } from 'vitest';
import { classifyContainer, type SystemRules } from '../../runbook/classify-container.ts';

const rules: SystemRules = {
  project: 'smp',
  repository: '/srv/smp',
  stable: { services: ['lightrag', 'store'], composeFiles: ['/srv/smp/docker-compose.yml'] },
  experiment: {
    services: ['openviking'],
    composeFiles: ['/srv/smp/docker-compose.openviking.yml'],
    containers: ['lightrag-experimental'],
  },
};

function systemOf(labels: Record<string, string>, name = 'some-name') {
  const prefixed = Object.entries(labels).map(([key, value]) => [`com.docker.compose.${key}`, value]);
  return classifyContainer({ name, labels: Object.fromEntries(prefixed) }, rules).system;
}

const experimentFile = 'docker-compose.openviking.yml';

describe('a container of a project that both systems share', () => {
  it('belongs to the system that lists its service', () => {
    expect(systemOf({ project: 'smp', service: 'lightrag' })).toBe('stable');
    expect(systemOf({ project: 'smp', service: 'openviking' })).toBe('experiment');
  });

  it('belongs to the experiment by the compose file alone, as v1 and as v2 write it', () => {
    const service = { project: 'smp', service: 'under-a-profile' };
    const folder = { 'project.working_dir': '/srv/smp' };
    expect(systemOf({ ...service, ...folder, 'project.config_files': experimentFile })).toBe('experiment');
    expect(systemOf({ ...service, 'project.config_files': `./${experimentFile}` })).toBe('experiment');
    expect(systemOf({ ...service, 'project.config_files': `/srv/smp/${experimentFile}` })).toBe('experiment');
  });

  it('is left alone when the files of both systems were given, or those of none', () => {
    const service = { project: 'smp', service: 'unknown' };
    const both = `/srv/smp/docker-compose.yml,/srv/smp/${experimentFile}`;
    expect(systemOf({ ...service, 'project.config_files': both })).toBe('foreign');
    expect(systemOf({ ...service, 'project.config_files': '/srv/other/docker-compose.yml' })).toBe('foreign');
    expect(systemOf({ ...service, 'project.working_dir': '/srv/other', 'project.config_files': experimentFile })).toBe(
      'foreign',
    );
  });

  it('is stable though the experiment was started with both files and names it', () => {
    const both = `/srv/smp/docker-compose.yml,/srv/smp/${experimentFile}`;
    expect(systemOf({ project: 'smp', service: 'store', 'project.config_files': both })).toBe('stable');
    expect(systemOf({ project: 'smp', service: 'store' }, 'lightrag-experimental')).toBe('stable');
  });

  it('is nobody of ours when it is a one-off run of a stable service', () => {
    expect(systemOf({ project: 'smp', service: 'lightrag', oneoff: 'True' })).toBe('foreign');
    expect(systemOf({ project: 'smp', service: 'openviking', oneoff: 'True' })).toBe('experiment');
  });
});

describe('a container outside the project', () => {
  it('belongs to the experiment by its plain name only', () => {
    expect(systemOf({}, 'lightrag-experimental')).toBe('experiment');
    expect(systemOf({}, 'lightrag-experimental-2')).toBe('foreign');
    expect(systemOf({ project: 'other', service: 'openviking' })).toBe('foreign');
    expect(systemOf({ project: 'other', service: 'lightrag' })).toBe('foreign');
  });
});

it('says why in words', () => {
  expect(classifyContainer({ name: 'lightrag-experimental', labels: {} }, rules).why).toContain(
    'lightrag-experimental',
  );
});
