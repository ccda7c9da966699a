import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';

const at = '/sys/fs/cgroup';

/**
 * Mounts the control groups where nothing has (a container or a machine with no service manager): dockerd needs them.
 * @returns {string} '' or what could not be done
 */
export function mountCgroups() {
  try {
    if (/ cgroup2? /.test(readFileSync('/proc/mounts', 'utf8'))) return '';
    const controllers = enabledControllers();
    if (controllers.length === 0) {
      mount('cgroup2', 'none', at);
      return '';
    }
    mount('tmpfs', 'cgroup', at, 'mode=0755');
    const refused = controllers.filter((controller) => !mountController(controller));
    return refused.length === 0 ? '' : `; without the control groups ${refused.join(', ')}`;
  } catch (error) {
    return `; the control groups cannot be mounted (${error.message.split('\n')[0]})`;
  }
}

/** The kernel may refuse one of them; dockerd can do without most. @param {string} controller */
function mountController(controller) {
  mkdirSync(`${at}/${controller}`, { recursive: true });
  try {
    mount('cgroup', 'cgroup', `${at}/${controller}`, controller);
    return true;
  } catch {
    rmdirSync(`${at}/${controller}`);
    return false;
  }
}

/** Controllers that hang in the old hierarchy, the only ones that it can mount. */
function enabledControllers() {
  if (readFileSync('/proc/filesystems', 'utf8').includes('\tcgroup2\n') && !usesOldHierarchy()) return [];
  return rows()
    .filter(({ enabled }) => enabled)
    .map(({ name }) => name);
}

function usesOldHierarchy() {
  return rows().some(({ hierarchy }) => hierarchy !== '0');
}

function rows() {
  const lines = readFileSync('/proc/cgroups', 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .map(([name = '', hierarchy = '0', , enabled]) => ({ name, hierarchy, enabled: enabled === '1' }));
}

/** @param {string} type @param {string} source @param {string} target @param {string} [options] */
function mount(type, source, target, options) {
  execFileSync('mount', ['-t', type, ...(options ? ['-o', options] : []), source, target], { stdio: 'pipe' });
}
