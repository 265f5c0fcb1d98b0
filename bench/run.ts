import { BENCHMARKS } from './benchmarks.ts'

/** One benchmark in a process of its own; figures go to the parent, or to the screen where there is none. */
const name = process.argv[2] ?? ''
const benchmark = BENCHMARKS[name]
if (benchmark === undefined) throw new Error(`no benchmark ${name}; there are ${Object.keys(BENCHMARKS).join(', ')}`)
const figures = await benchmark()
if (process.send === undefined) console.log(JSON.stringify(figures, null, 1))
else process.send(figures, () => process.exit(0))
