/** The page's one style sheet; colours of the brand come from the theme beside it. */
export const CONNECT_CSS = `
:root{--ink:#111827;--soft:#4b5563;--line:#d1d5db;--paper:#fff;--ground:#f3f4f6;--bad:#b42318;--bad-ground:#fef3f2;--good:#067647;--good-ground:#ecfdf3;--wash:#f9fafb;--edge:#6b7280;--bad-line:#fda29b;--info:#1e3a8a;--info-ground:#eff6ff;--info-line:#93c5fd;--brand:#1a56a8;--on-brand:#fff;--brand-text:#1a56a8;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ink:#f3f4f6;--soft:#b6bdc9;--line:#3b4252;--paper:#1b202b;--ground:#11151d;--bad:#ff9c92;--bad-ground:#3a1916;--bad-line:#8f332b;--good:#6ddba4;--good-ground:#123526;--wash:#232937;--edge:#8b93a3;--info:#c7dbff;--info-ground:#172a4d;--info-line:#39599a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
.skip{position:absolute;left:-999px;top:0;background:var(--paper);padding:.5rem 1rem;z-index:2}
.skip:focus{left:.5rem;top:.5rem}
.top{background:var(--paper);border-bottom:1px solid var(--line)}
.brand{max-width:44rem;margin:0 auto;padding:.9rem 1.25rem;display:flex;align-items:center;gap:.75rem}
.brand img{width:40px;height:40px;object-fit:contain;border-radius:8px}
.monogram{width:40px;height:40px;border-radius:10px;background:var(--brand);color:var(--on-brand);display:grid;place-items:center;font-weight:700;font-size:1.15rem}
.name{font-weight:650;font-size:1.05rem}
main{width:100%;max-width:44rem;margin:0 auto;padding:1.5rem 1.25rem 2.5rem;flex:1}
main:focus{outline:none}
.foot{max-width:44rem;margin:0 auto;padding:0 1.25rem 2rem;color:var(--soft);font-size:.875rem}
.foot p{margin:0}
.steps{list-style:none;display:flex;gap:.25rem;margin:0 0 1.25rem;padding:0;font-size:.875rem;color:var(--soft)}
.steps li{flex:1;display:flex;align-items:center;gap:.5rem;border-top:3px solid var(--line);padding-top:.6rem}
.steps li.past,.steps li.now{border-color:var(--brand)}
.steps li.now{color:var(--ink);font-weight:650}
.dot{width:1.5rem;height:1.5rem;flex:none;border-radius:50%;display:grid;place-items:center;border:1.5px solid var(--edge);font-size:.75rem;font-weight:650;background:var(--paper)}
.past .dot,.now .dot{background:var(--brand);color:var(--on-brand);border-color:var(--brand)}
.card{background:var(--paper);border:1px solid var(--line);border-radius:14px;padding:1.5rem;margin-bottom:1.25rem;box-shadow:0 1px 2px rgba(16,24,40,.05)}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem;letter-spacing:-.01em}
h2{font-size:1.1rem;margin:0 0 .25rem}
p{margin:0 0 1rem}
.card>:last-child{margin-bottom:0}
.card>form+p{margin-top:1.1rem}
.soft{color:var(--soft)}
.small{font-size:.875rem}
ul.points{list-style:none;margin:1.25rem 0 1.5rem;padding:0;display:grid;gap:.75rem}
ul.points li{display:flex;gap:.75rem}
ul.points .tick{flex:none;width:1.5rem;height:1.5rem;border-radius:50%;display:grid;place-items:center;font-size:.8rem;font-weight:700;background:var(--good-ground);color:var(--good)}
ul.points .cross{background:var(--bad-ground);color:var(--bad)}
.notice{border-radius:10px;padding:.8rem 1rem;margin-bottom:1.25rem;border:1px solid}
.notice.error{background:var(--bad-ground);border-color:var(--bad-line);color:var(--bad)}
.notice.info{background:var(--info-ground);border-color:var(--info-line);color:var(--info)}
.button{font:inherit;font-weight:600;min-height:44px;padding:.6rem 1.15rem;border-radius:10px;border:1px solid var(--edge);background:var(--paper);color:var(--ink);cursor:pointer;display:inline-flex;align-items:center;justify-content:center;gap:.65rem;text-decoration:none}
.button:hover{background:var(--wash)}
.button.primary{background:var(--brand);border-color:var(--brand);color:var(--on-brand)}
.button.primary:hover{filter:brightness(.94)}
.button.danger{color:var(--bad);border-color:var(--bad)}
.button.google{background:#fff;border-color:#747775;color:#1f1f1f;padding:.7rem 1.4rem}
.button.google:hover{background:#f4f4f4}
.button.text{border-color:transparent;background:none;color:var(--brand-text);padding-left:.25rem;padding-right:.25rem;text-decoration:underline}
.button[disabled]{opacity:.65;cursor:progress}
:focus-visible{outline:3px solid var(--brand-text);outline-offset:2px}
.row{display:flex;flex-wrap:wrap;gap:.75rem;align-items:center}
.row form{margin:0}
.apart{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between}
.apart p,.apart form{margin:0}
.group{margin:1.1rem 0 0}
.group h2{font-size:.9rem;color:var(--soft);font-weight:600;margin:0 0 .5rem}
fieldset{border:0;margin:0 0 .25rem;padding:0;min-width:0}
legend{font-size:1.1rem;font-weight:650;padding:0;margin-bottom:.25rem}
.hint{color:var(--soft);font-size:.9rem;margin:0 0 .75rem}
.choice{display:flex;gap:.75rem;align-items:flex-start;padding:.7rem .8rem;border:1px solid var(--line);border-radius:10px;margin-bottom:.5rem}
.choice:has(input:checked){border-color:var(--brand-text);box-shadow:inset 0 0 0 1px var(--brand-text)}
.choice.off{background:var(--wash);color:var(--soft)}
.choice input{width:1.2rem;height:1.2rem;margin:.15rem 0 0;flex:none;accent-color:var(--brand)}
.choice label{flex:1;min-width:0;overflow-wrap:anywhere}
.choice .why{display:block;font-size:.875rem;color:var(--soft)}
.badge{display:inline-block;font-size:.75rem;font-weight:600;border:1px solid var(--line);border-radius:99px;padding:.05rem .55rem;margin-left:.4rem;color:var(--soft);background:var(--paper)}
input[type=text],input[type=number]{font:inherit;width:100%;min-height:44px;padding:.5rem .75rem;border:1px solid var(--edge);border-radius:10px;background:var(--paper);color:inherit}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
.pair label,.stack label{display:block;font-weight:600;margin-bottom:.3rem}
.indent{margin:.15rem 0 .75rem 2rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.5rem}
.tiles .choice{margin:0}
.preview{border-radius:10px;border:1px solid var(--line);background:var(--wash);padding:1rem;margin-top:1rem}
.preview .label{font-size:.8rem;font-weight:600;color:var(--soft);margin:0 0 .6rem}
.event{border-left:5px solid var(--brand);background:var(--paper);border-radius:8px;padding:.7rem .9rem;box-shadow:0 1px 3px rgba(16,24,40,.12)}
.event .when{font-size:.85rem;color:var(--soft)}
.event .title{font-weight:650;overflow-wrap:anywhere}
.event .more{font-size:.9rem;color:var(--soft)}
.event .more:empty{display:none}
progress{width:100%;height:.8rem;appearance:none;border:1px solid var(--edge);border-radius:99px;background:var(--paper);overflow:hidden}
progress::-webkit-progress-bar{background:var(--paper)}
progress::-webkit-progress-value{background:var(--brand)}
progress::-moz-progress-bar{background:var(--brand)}
progress:indeterminate::-webkit-progress-bar{background:repeating-linear-gradient(115deg,var(--brand) 0 1rem,var(--paper) 1rem 2rem)}
progress:indeterminate::-moz-progress-bar{background:repeating-linear-gradient(115deg,var(--brand) 0 1rem,var(--paper) 1rem 2rem)}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.45rem 1.25rem;margin:1rem 0 1.5rem}
dl.facts dt{color:var(--soft)}
dl.facts dd{margin:0;overflow-wrap:anywhere}
.state{display:inline-flex;align-items:center;gap:.5rem;font-weight:650}
.state::before{content:"";width:.7rem;height:.7rem;border-radius:50%;background:#6b7280}
.state.active::before{background:#17b26a}
.state.paused::before,.state.pending::before{background:#f79009}
.state.needs_reauth::before,.state.held::before{background:#d92d20}
details{border-top:1px solid var(--line);margin-top:1.25rem;padding-top:1rem}
summary{cursor:pointer;font-weight:600;padding:.4rem 0;min-height:44px;display:list-item}
details .choice{max-width:100%}
hr{border:0;border-top:1px solid var(--line);margin:1.5rem 0}
@media (max-width:30rem){h1{font-size:1.35rem}.card{padding:1.1rem}.pair{grid-template-columns:1fr}.steps li{position:relative}.steps li:not(.now) span:last-child{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}.steps li.now{flex:2}.button{width:100%}.button.google{padding:.7rem}.row form,.row .button{width:100%}dl.facts{grid-template-columns:1fr;gap:.1rem}dl.facts dd{margin-bottom:.6rem}}
@media (prefers-reduced-motion:no-preference){.button{transition:background .12s,filter .12s}}
`

/** A calendar leaf, of no brand. */
export const ICON_SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="4" y="6" width="24" height="22" rx="4" fill="#4b5563"/><rect x="4" y="12" width="24" height="16" rx="4" fill="#fff" stroke="#4b5563" stroke-width="2"/><path d="M11 20l4 4 7-7" fill="none" stroke="#067647" stroke-width="3"/></svg>'
