import type { TenantSettings } from '../../../ports/store/tenants.ts'

export type Brand = { productName: string; logoUrl: string | null; colour: string }

const DEFAULT_COLOUR = '#1a56a8'
/** WCAG 2.2, 1.4.3 (AA): text against its background. */
const CONTRAST_MIN = 4.5
const DARKEN_STEP = 0.92
const DARKEN_STEPS_MAX = 60

type Rgb = readonly [number, number, number]

/** Whose name, logo and colour the page carries: the platform's, never ours where it has set them. */
export function brandOf(branding: TenantSettings['branding'], tenantName: string): Brand {
  return {
    productName: branding.productName ?? tenantName,
    logoUrl: branding.logoUrl,
    colour: (branding.colour ?? DEFAULT_COLOUR).toLowerCase(),
  }
}

/**
 * The style sheet of a colour. Whatever colour a platform brings, text stays readable: on the colour it is white or near-black,
 * and the colour itself is darkened for use on white, lightened for use on a dark page, until it has contrast enough.
 */
export function themeCss(colour: string): string {
  const rgb = readColour(colour)
  const ink: Rgb = [17, 24, 39]
  const white: Rgb = [255, 255, 255]
  const onBrand = contrast(rgb, white) >= CONTRAST_MIN ? white : ink
  const readable = contrast(rgb, onBrand) >= CONTRAST_MIN ? rgb : darkened(rgb)
  const onReadable = contrast(readable, white) >= CONTRAST_MIN ? white : ink
  const light = `:root{--brand:${hex(readable)};--on-brand:${hex(onReadable)};--brand-text:${hex(darkened(rgb))}}`
  return `${light}@media (prefers-color-scheme:dark){:root{--brand-text:${hex(lightened(rgb))}}}`
}

/** The dark page's cards. */
const DARK: Rgb = [35, 41, 55]

function lightened(rgb: Rgb): Rgb {
  let light = rgb
  const toWhite = (channel: number): number => channel + (255 - channel) * (1 - DARKEN_STEP)
  for (let step = 0; step < DARKEN_STEPS_MAX && contrast(light, DARK) < CONTRAST_MIN; step++)
    light = [toWhite(light[0]), toWhite(light[1]), toWhite(light[2])]
  return light
}

function darkened(rgb: Rgb): Rgb {
  let dark = rgb
  for (let step = 0; step < DARKEN_STEPS_MAX && contrast(dark, [255, 255, 255]) < CONTRAST_MIN; step++)
    dark = [dark[0] * DARKEN_STEP, dark[1] * DARKEN_STEP, dark[2] * DARKEN_STEP]
  return dark
}

/** From 1 (the same) to 21 (black on white). Source: WCAG 2.2, "contrast ratio". */
export function contrast(a: Rgb, b: Rgb): number {
  const [one, other] = [luminance(a), luminance(b)]
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (channel: number): number => {
    const part = channel / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
}

export function readColour(colour: string): Rgb {
  const channel = (at: number): number => Number.parseInt(colour.slice(at, at + 2), 16)
  return [channel(1), channel(3), channel(5)]
}

function hex(rgb: Rgb): string {
  return `#${rgb.map(channel => Math.floor(channel).toString(16).padStart(2, '0')).join('')}`
}
