/** `web-search-3f2a…`: a container's name and id as a file's name; two of one name are told apart. */
export function evidenceName({ id, name }: { readonly id: string; readonly name: string }): string {
  return `${name.replaceAll(/[^A-Za-z0-9_.-]/g, '_')}-${id.slice(0, 12)}`;
}
