/**
 * Whether a listed event is the state we already know, most often our own write coming back: an etag is given anew with every change,
 * so the same etag is the same event. A null etag proves nothing.
 */
export function isEcho(listedEtag: string | null, knownEtag: string | null): boolean {
  return listedEtag !== null && listedEtag === knownEtag
}
