/** The JSON that requests and answers are made of, and how untyped input is read without a cast. */
export type Json = string | number | boolean | null | Json[] | JsonObject
export type JsonObject = { [key: string]: Json | undefined }

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const stringAt = (object: JsonObject, key: string): string | undefined => {
  const value = object[key]
  return typeof value === 'string' ? value : undefined
}

export const numberAt = (object: JsonObject, key: string): number | undefined => {
  const value = object[key]
  return typeof value === 'number' ? value : undefined
}

export const booleanAt = (object: JsonObject, key: string): boolean | undefined => {
  const value = object[key]
  return typeof value === 'boolean' ? value : undefined
}

export const objectAt = (object: JsonObject, key: string): JsonObject | undefined => {
  const value = object[key]
  return isObject(value) ? value : undefined
}

export const arrayAt = (object: JsonObject, key: string): Json[] | undefined => {
  const value = object[key]
  return Array.isArray(value) ? value : undefined
}

export const stringsAt = (object: JsonObject, key: string): string[] | undefined =>
  arrayAt(object, key)?.filter(item => typeof item === 'string')

/** The object that `text` spells, or undefined when it spells anything else. Empty text is an empty object. */
export function parseObject(text: string): JsonObject | undefined {
  if (text.trim() === '') return {}
  try {
    const parsed: Json = JSON.parse(text)
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined // not JSON: the caller answers parseError
  }
}

/** Google's patch semantics: objects merge, arrays and scalars are replaced, null removes the field or the map's key. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...target }
  for (const [key, value] of Object.entries(patch)) {
    if (value === undefined) continue
    if (value === null) merged[key] = undefined
    else if (isObject(value)) merged[key] = mergePatch(objectAt(merged, key) ?? {}, value)
    else merged[key] = value
  }
  return compact(merged)
}

/** Without the fields that are undefined, so that what is absent is absent. */
export function compact(object: JsonObject): JsonObject {
  const result: JsonObject = {}
  for (const [key, value] of Object.entries(object)) if (value !== undefined) result[key] = value
  return result
}
