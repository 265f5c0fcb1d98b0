import { expect, test } from 'vitest'
import { gathered } from '../../src/ports/gathered.ts'

/** A carrier whose groups arrive, or are lost, when the test says so. */
function carrier(max = 100) {
  const groups: { items: readonly number[]; arrival: PromiseWithResolvers<void> }[] = []
  const send = gathered(max, async (items: readonly number[]) => {
    const arrival = Promise.withResolvers<void>()
    groups.push({ items, arrival })
    await arrival.promise
    return items.map(item => item * 10)
  })
  return { groups, send }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

test('what comes alone goes at once', () => {
  const { groups, send } = carrier()
  void send(1)
  expect(groups.map(group => group.items)).toEqual([[1]])
})

test('what comes while a group is under way goes together afterwards, and each is answered with its own', async () => {
  const { groups, send } = carrier()
  const answers = [1, 2, 3].map(send)
  let isSecondAnswered = false
  void answers[1]?.then(() => (isSecondAnswered = true))
  groups[0]?.arrival.resolve()
  expect(await answers[0]).toBe(10)
  await settled()
  expect(groups.map(group => group.items)).toEqual([[1], [2, 3]])
  expect(isSecondAnswered).toBe(false) // its group has not arrived
  groups[1]?.arrival.resolve()
  expect(await Promise.all(answers)).toEqual([10, 20, 30])
})

test('a group that is lost fails those in it and nobody else', async () => {
  const { groups, send } = carrier()
  const lost = send(1)
  const next = send(2)
  groups[0]?.arrival.reject(new Error('the database is away'))
  await expect(lost).rejects.toThrow('the database is away')
  await settled()
  groups[1]?.arrival.resolve()
  expect(await next).toBe(20)
  void send(3)
  await settled()
  expect(groups[2]?.items).toEqual([3])
})

test('no group is larger than its bound', async () => {
  const { groups, send } = carrier(2)
  const answers = [1, 2, 3, 4, 5].map(send)
  for (let group = 0; group < 4; group += 1) {
    groups[group]?.arrival.resolve()
    await settled()
  }
  await Promise.all(answers)
  expect(groups.map(each => each.items)).toEqual([[1], [2, 3], [4, 5]])
})
