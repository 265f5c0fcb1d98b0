import { sqlState } from '../statements.ts'

/** The same work may lose to others this many times; that it goes on losing is a defect somewhere else. */
const ATTEMPTS_MAX = 5
const SERIALIZATION_FAILURE = '40001'
const DEADLOCK = '40P01'

/** Repeats what lost to another transaction: both touched the same rows, in opposite orders. */
export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await attempt()
    } catch (error) {
      const state = sqlState(error)
      if (attempts === ATTEMPTS_MAX || (state !== SERIALIZATION_FAILURE && state !== DEADLOCK)) throw error
    }
  }
}
