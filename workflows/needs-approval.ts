import type { PhaseInput, RecoveryPlanned } from '../contract/rollback.ts';

/** Whether somebody has to be asked before this plan is carried out: a root to decide, or something to destroy. */
export function needsApproval(plan: RecoveryPlanned, input: PhaseInput): boolean {
  return !input.leaveData && (hasOpenQuestion(plan, input) || !consented(plan, input));
}

function hasOpenQuestion(plan: RecoveryPlanned, input: PhaseInput): boolean {
  return plan.questions.some((question) => !input.request.choices.some((choice) => choice.root === question.root));
}

function consented(plan: RecoveryPlanned, input: PhaseInput): boolean {
  return input.request.yes || input.agreedPlans.includes(plan.hash) || plan.steps.every((step) => !step.destroys);
}
