import type { Delivery, WebhookEndpoint } from '../../src/core/webhooks/endpoint.ts'
import { DAY, NOW } from './builders.ts'

export function anEndpoint(fields: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    tenantId: 'clinic',
    id: 'whe_1',
    url: 'https://hooks.example.com/lockstep',
    description: null,
    types: null,
    status: 'enabled',
    disabledReason: null,
    sealedSecret: 'sealed',
    sealedOldSecret: null,
    oldSecretUntil: null,
    cursor: 0,
    failures: 0,
    lastFailureAt: null,
    failingSince: null,
    lastDeliveredAt: null,
    restUntil: null,
    createdAt: NOW - DAY,
    ...fields,
  }
}

export function aDelivery(fields: Partial<Delivery> = {}): Delivery {
  return {
    tenantId: 'clinic',
    endpointId: 'whe_1',
    seq: 1,
    appointmentId: 'apt_1',
    connectionId: null,
    type: 'appointment.created',
    state: 'waiting',
    isDetached: false,
    attempts: 1,
    nextAttemptAt: NOW,
    lastAttemptAt: NOW - 5_000,
    lastStatus: 500,
    lastError: 'answered',
    createdAt: NOW - 5_000,
    ...fields,
  }
}
