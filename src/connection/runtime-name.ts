/** Where servers can run: in Docker containers, as plain processes, or elsewhere already. */
export const runtimeNames = ['docker', 'embedded', 'external'] as const;

export type RuntimeName = (typeof runtimeNames)[number];
