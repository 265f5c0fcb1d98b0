import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'
import { isGlobalUnicast } from '../../core/webhooks/address.ts'

/** All addresses of a name, as the machine's own resolver gives them. */
export type Resolve = (name: string) => Promise<LookupAddress[]>

export const systemResolve: Resolve = name => lookup(name, { all: true, verbatim: true })

/** A name led somewhere it must not. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused'
}

/**
 * The look-up that a connection itself makes: what is judged here is what is connected to, so that a name cannot say one thing when it
 * is checked and another when it is used. One address that is not global spoils the answer: which one is taken is chance.
 */
export function guardedLookup(resolve: Resolve): LookupFunction {
  return (name, options, callback) => {
    resolve(name).then(
      addresses => {
        const [first] = addresses
        if (first === undefined) callback(notFound(name), '')
        else if (!addresses.every(each => isGlobalUnicast(each.address)))
          callback(new AddressRefused('leads to an address that is not global'), '')
        else if (options.all === true) callback(null, addresses)
        else callback(null, first.address, first.family)
      },
      (error: unknown) => {
        callback(error instanceof Error ? error : notFound(name), '')
      },
    )
  }
}

const notFound = (name: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`no address for ${name}`), { code: 'ENOTFOUND' })
