/** The distinct texts of a JSON array parameter, as a set of ids. */
export const given = (parameter: string): string => `select distinct json_array_elements_text(${parameter}::json) as id`

/**
 * The rows of `table` whose `column` is one of the ids in `set`, looked up id by id (OFFSET 0 keeps the planner from joining another
 * way). In a first sync there are no statistics yet, and given a choice the planner reads all rows of the tenant and
 * compares each with each id: a page that takes 10 ms took 180 at the fourth. $1 is the tenant.
 */
export const lookedUp = (table: string, column: string, set: string): string => `
  select found.* from (${set}) wanted_id
  cross join lateral (select * from ${table} where tenant_id = $1 and ${column} = wanted_id.id offset 0) found`

/**
 * The places of the rows of `table` with the keys in a JSON parameter: for UPDATE and DELETE, whose own table cannot be looked up like
 * that. Rows stay in their places within the statement, since the tenant's lock is held.
 * @param also a condition on the stored row.
 */
export const placesOf = (table: string, keys: readonly string[], parameter: string, also = 'true'): string => {
  const condition = keys.map(key => `stored.${key} = wanted.${key}`).join(' and ')
  return `array(select found.place from json_populate_recordset(null::${table}, ${parameter}::json) wanted
    cross join lateral (
      select stored.ctid as place from ${table} stored where stored.tenant_id = $1 and ${condition} and ${also} offset 0
    ) found)`
}
