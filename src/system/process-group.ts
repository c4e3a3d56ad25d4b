import { isRunning, type ProcessIdentity } from './process-identity.ts';
import { membersOf } from './process-table.ts';

/** Whether there is still somebody in the group that this process leads or led. */
export function isGroupOf(leader: ProcessIdentity): boolean {
  // A number is not given away again as long as a group has it; where somebody else has it, the group is theirs.
  const isTheirs = !isRunning(leader) && isRunning({ pid: leader.pid });
  return !isTheirs && hasMembers(leader.pid);
}

/** The members of a group who have not ended, on Linux; elsewhere nobody can tell. */
export function livingMembersOf(group: number): number[] {
  return membersOf(group).filter((pid) => isRunning({ pid }));
}

function hasMembers(group: number): boolean {
  try {
    process.kill(-group, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH' || process.platform !== 'linux') {
      return false;
    }
  }
  // Those who have ended, and whose parents do not care to hear of it, count as members to kill(2).
  return process.platform !== 'linux' || livingMembersOf(group).length > 0;
}
