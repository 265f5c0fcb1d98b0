import { newPostgres } from '../../support/databases.ts'
import { jobEngineSuite } from './jobs.suite.ts'

jobEngineSuite('PostgreSQL', () => newPostgres())
