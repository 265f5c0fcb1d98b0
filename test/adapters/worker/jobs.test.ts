import { newEmbedded } from '../../support/databases.ts'
import { jobEngineSuite } from './jobs.suite.ts'

jobEngineSuite('the embedded database', () => newEmbedded())
