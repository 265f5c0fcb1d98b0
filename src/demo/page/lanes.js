/**
 * Places boxes of one day beside each other where they overlap.
 * @param boxes `{ from, to }` in minutes, any order.
 * @returns the same boxes with `lane` (0 is leftmost) and `lanes` (how many share the width).
 */
export function intoLanes(boxes) {
  const sorted = [...boxes].sort((a, b) => a.from - b.from || b.to - a.to)
  const placed = []
  let cluster = []
  let clusterEnd = -1
  const close = () => {
    const lanes = Math.max(0, ...cluster.map(each => each.lane + 1))
    for (const each of cluster) placed.push({ ...each, lanes })
    cluster = []
  }
  for (const box of sorted) {
    if (box.from >= clusterEnd) {
      close()
      clusterEnd = box.to
    }
    const taken = new Set(cluster.filter(each => each.to > box.from).map(each => each.lane))
    let lane = 0
    while (taken.has(lane)) lane += 1
    cluster.push({ ...box, lane })
    clusterEnd = Math.max(clusterEnd, box.to)
  }
  close()
  return placed
}
