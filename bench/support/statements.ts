/** Counts the statements of the store as its adapter reports them; those that pace requests to Google are counted apart. */
export class Statements {
  #texts: string[] | null = null

  note(text: string): void {
    this.#texts?.push(text)
  }

  begin(): void {
    this.#texts = []
  }

  end(): { ofStore: number; ofPacing: number; texts: readonly string[] } {
    const texts = this.#texts ?? []
    this.#texts = null
    const ofPacing = texts.filter(text => text.includes('quota_meters')).length
    return { ofStore: texts.length - ofPacing, ofPacing, texts }
  }
}
