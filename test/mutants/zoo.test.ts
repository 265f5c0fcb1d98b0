import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MUTANTS } from './zoo.ts'

test.each(MUTANTS)('the place of $name is there, once', ({ file, find, put }) => {
  expect(readFileSync(file, 'utf8').split(find)).toHaveLength(2)
  expect(put).not.toBe(find)
})

test('each mutant has its own name and there are thirty at least', () => {
  expect(new Set(MUTANTS.map(each => each.name)).size).toBe(MUTANTS.length)
  expect(MUTANTS.length).toBeGreaterThanOrEqual(30)
})
