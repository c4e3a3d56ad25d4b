/// <reference lib="esnext.disposable" />

export { uniqueNames, type UniqueNames, type UniqueNamesOptions } from './names.ts';

// An application
export type { App, AppCommand, FastifyApp, FetchHandler, NodeListener } from './http/app.ts';
export { appService, type AppDetails, type AppServiceDefinition } from './http/app-service.ts';
export { serveApp, type ServeOptions } from './http/serve-app.ts';
export type { ServedApp } from './http/served-app.ts';
export type { AppOptions } from './http/start-app.ts';

// WebSockets
export { connectWebSocket } from './websocket/connect-websocket.ts';
export type { MessageSchema } from './websocket/read-message.ts';
export type { WebSocketClient } from './websocket/websocket-client.ts';
export type { CollectOptions, WebSocketEnd, WebSocketOptions } from './websocket/websocket-options.ts';
export { WebSocketRefusedError } from './websocket/websocket-refused-error.ts';

// Waiting for what happens
export { collectEvents } from './events/collect-events.ts';
export type { EventOptions } from './events/event-options.ts';
export { nextEvent } from './events/next-event.ts';
export { retry, type Attempt, type RetryOptions } from './retry/retry.ts';
export type { RetryRecord } from './retry/attempts-made.ts';
export type { WaitOptions } from './wait-options.ts';
