/** The runbook's last words when the stable system does not come back, with whom to call (section "Emergency Rollback"). */
export function supportLine(
  contacts: readonly { readonly level: number; readonly name: string; readonly reach: readonly string[] }[],
): string {
  const whom = [...contacts]
    .sort((a, b) => a.level - b.level)
    .map((contact) => `level ${contact.level} ${contact.name} (${contact.reach.join(', ')})`);
  return `ROLLBACK FAILED - CONTACT SUPPORT: ${whom.join('; ') || 'the target names no contacts'}`;
}
