type Page<T> = { items: T[]; cursor?: string | null }

/** The items of all pages, each page asked for when its first item is wanted. */
export async function* itemsOf<T>(read: (page: { cursor?: string }) => Promise<Page<T>>): AsyncGenerator<T> {
  let cursor: string | undefined
  do {
    const page = await read(cursor === undefined ? {} : { cursor })
    yield* page.items
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
}
