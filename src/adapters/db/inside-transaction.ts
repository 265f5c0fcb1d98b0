import { AsyncLocalStorage } from 'node:async_hooks'

const current = new AsyncLocalStorage<{ isOpen: boolean }>()

/**
 * Is the calling code running inside a transaction of a store? Then no network call may happen, and only `tx` may be used:
 * on the embedded database the outer one would wait for the transaction, and the transaction for it.
 */
export function isInsideTransaction(): boolean {
  return current.getStore()?.isOpen ?? false
}

/** Runs `work` as inside a transaction; what it leaves running afterwards is outside again. */
export async function insideTransaction<T>(work: () => Promise<T>): Promise<T> {
  const transaction = { isOpen: true }
  try {
    return await current.run(transaction, work)
  } finally {
    transaction.isOpen = false
  }
}

/** @throws Error inside a transaction: a caller's bug. */
export function mustBeOutside(): void {
  if (isInsideTransaction()) throw new Error('inside a transaction only its own `tx` may be used')
}
