/** A sealed word that is known: what opens it opens the rest. */
export const CANARY_WORD = 'sing'
export const CANARY_CONTEXT = 'installation/canary'
