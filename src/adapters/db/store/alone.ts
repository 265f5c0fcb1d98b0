import type { Database } from '../database.ts'
import { mustBeOutside } from '../inside-transaction.ts'
import type { Db } from '../statements.ts'

/** A read made of a database, as one whose first argument, the tenant, decides what that database shows. */
export function aloneFor<A extends unknown[], T>(
  database: Database,
  of: (db: () => Db) => (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  return (...args) => {
    mustBeOutside()
    return database.alone(String(args[0]), 'read only', db => of(() => db)(...args))
  }
}
