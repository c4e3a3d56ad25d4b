import type { Reporter, TestModule } from 'vitest/node';

/** One line at the end of the run: how many attempts the tests' connections needed, and whose needed more than one. */
export class ConnectionReport implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(({ children }) => [...children.allTests()]);
    const connections = tests.flatMap((test) => (test.meta().connections ?? []).map((record) => ({ test, record })));
    const attempts = connections.reduce((sum, { record }) => sum + record.attempts, 0);
    console.log(`\n WebSocket connections: ${connections.length}, attempts: ${attempts}`);
    for (const { test, record } of connections.filter(({ record }) => record.attempts > 1)) {
      console.log(`   ${record.attempts} in "${test.fullName}", ${record.waited} ms between them: ${record.outcome}`);
    }
  }
}
