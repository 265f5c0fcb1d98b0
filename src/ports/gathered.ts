type Waiting<T, R> = { item: T; carried: PromiseWithResolvers<R> }

/**
 * Carries items in groups: one group at a time is under way, and what comes meanwhile goes together in the next one. An item that comes
 * alone goes at once. Each caller is answered when its own group has arrived, or fails with it.
 * @param max items of a group.
 * @param carry answers in the order of the items.
 */
export function gathered<T, R>(
  max: number,
  carry: (items: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  const waiting: Waiting<T, R>[] = []
  let isUnderWay = false

  async function carryAll(): Promise<void> {
    isUnderWay = true
    while (waiting.length > 0) await carryGroup(waiting.splice(0, max), carry)
    isUnderWay = false
  }
  return item => {
    const carried = Promise.withResolvers<R>()
    waiting.push({ item, carried })
    if (!isUnderWay) void carryAll()
    return carried.promise
  }
}

async function carryGroup<T, R>(
  group: readonly Waiting<T, R>[],
  carry: (items: readonly T[]) => Promise<readonly R[]>,
): Promise<void> {
  try {
    const answers = await carry(group.map(({ item }) => item))
    if (answers.length !== group.length) throw new Error(`${answers.length} answers for ${group.length} items`)
    for (const [place, answer] of answers.entries()) group[place]?.carried.resolve(answer)
  } catch (error) {
    for (const { carried } of group) carried.reject(error)
  }
}
