import { ROW_MINUTES } from './week-grid.ts'

const DAY_ROWS = (24 * 60) / ROW_MINUTES
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

/** Places of the week grid as classes, since no page may style anything inline: rows of five minutes, twelfths of a day's width. */
const GRID_CSS = [
  ...range(0, DAY_ROWS - 1).map(row => `.r${row}{grid-row-start:${row + 1}}`),
  ...range(3, DAY_ROWS).map(rows => `.s${rows}{grid-row-end:span ${rows}}`),
  ...range(0, 11).map(column => `.c${column}{grid-column-start:${column + 1}}`),
  ...range(1, 12).map(width => `.w${width}{grid-column-end:span ${width}}`),
  ...range(1, 24).map(hours => `.h${hours}{--rows:${(hours * 60) / ROW_MINUTES}}`),
  ...range(1, 7).map(
    days => `.d${days}{grid-template-columns:3.1rem repeat(${days},minmax(0,1fr));min-width:${3.1 + days * 5}rem}`,
  ),
].join('')

/** The console's one style sheet: the colours of the demo page, light and dark. */
export const CONSOLE_CSS = `
:root{color-scheme:light dark;--ground:#f5f4f0;--surface:#fff;--line:#e4e2dc;--line-soft:#efede8;--ink:#1e2428;--muted:#565f68;--platform:#0f766e;--platform-soft:#dcefec;--platform-ink:#0b4f4a;--google:#6a4cc2;--google-soft:#ebe6fa;--google-ink:#43308a;--good:#0b6b4f;--warn:#8a4b05;--warn-soft:#fcf0db;--bad:#b3261e;--bad-soft:#fbe9e7;--focus:#2563eb;--shadow:0 1px 2px rgb(30 36 40/6%),0 4px 16px rgb(30 36 40/5%);--row:4px}
@media (prefers-color-scheme:dark){:root{--ground:#13171a;--surface:#1b2024;--line:#2f363c;--line-soft:#252b30;--ink:#e8eaec;--muted:#a3adb6;--platform:#3fb8ab;--platform-soft:#143c39;--platform-ink:#b9e9e3;--google:#a48df0;--google-soft:#2d2551;--google-ink:#d9cffb;--good:#5fd0a5;--warn:#e6b062;--warn-soft:#3a2c14;--bad:#f2887f;--bad-soft:#43211e;--focus:#7aa7ff;--shadow:0 1px 2px rgb(0 0 0/40%),0 6px 20px rgb(0 0 0/25%)}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:14px/1.45 Inter,'SF Pro Text','Segoe UI',system-ui,-apple-system,Roboto,'Noto Sans','DejaVu Sans',sans-serif;-webkit-font-smoothing:antialiased}
h1,h2,h3,p,ul,ol,dl,dd{margin:0;padding:0}
h1{font-size:22px;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:15px;font-weight:650}
h3{font-size:13px;font-weight:650}
ul,ol{list-style:none}
a{color:var(--platform);text-underline-offset:2px}
code{font:12px/1.4 ui-monospace,'SF Mono',Menlo,'DejaVu Sans Mono',monospace;color:var(--muted);overflow-wrap:anywhere}
small{font-size:12px;color:var(--muted)}
button,input{font:inherit;color:inherit}
.muted{color:var(--muted)}
.good-text{color:var(--good)}.warn-text{color:var(--warn)}.bad-text{color:var(--bad)}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.skip{position:absolute;left:-999px;top:0;padding:8px 14px;background:var(--surface);z-index:9}
.skip:focus{left:8px;top:8px}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
main{max-width:1560px;margin:0 auto;padding:18px 20px 48px;display:grid;gap:18px;grid-template-columns:minmax(0,1fr)}
main:focus{outline:none}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:8px 18px;padding:10px 20px;background:var(--surface);border-bottom:1px solid var(--line)}
.brand{display:flex;align-items:center;gap:10px;text-decoration:none;color:inherit}
.brand span{display:grid;line-height:1.2}
.brand b{font-size:15px}
.mark{width:30px;height:30px}.mark-a{fill:var(--platform)}.mark-b{fill:var(--google);fill-opacity:.85}
.menu{display:flex;flex-wrap:wrap;gap:2px;padding:3px;border-radius:11px;background:var(--line-soft)}
.menu a{padding:5px 12px;border-radius:8px;color:var(--ink);text-decoration:none}
.menu a:hover{background:var(--surface)}
.menu a[aria-current]{background:var(--surface);font-weight:600;box-shadow:var(--shadow)}
.search{flex:1 1 160px;max-width:320px}
input[type=search],input[type=password],.copy{width:100%;min-height:34px;padding:6px 11px;border:1px solid var(--line);border-radius:9px;background:var(--ground)}
input[type=search]::placeholder{color:var(--muted);opacity:1}
.me{display:flex;align-items:center;gap:10px;margin-left:auto}
.role{font-size:12px;font-weight:600;padding:3px 10px;border-radius:99px;background:var(--google-soft);color:var(--google-ink)}
.live{font-size:12px;color:var(--good);display:inline-flex;align-items:center;gap:6px}
.live::before{content:'';width:8px;height:8px;border-radius:50%;background:currentColor}
.live[data-state=reconnecting]{color:var(--warn)}
button,.button{cursor:pointer;display:inline-flex;align-items:center;min-height:30px;padding:4px 12px;border-radius:8px;border:1px solid var(--line);background:var(--surface);color:var(--ink);text-decoration:none;white-space:nowrap;transition:border-color .12s}
button:hover,.button:hover{border-color:var(--muted)}
button.primary{background:var(--platform);border-color:var(--platform);color:var(--surface);font-weight:600}
button.primary:hover{filter:brightness(.94)}
button.danger{color:var(--bad)}
.act{margin:0}
.acts{display:flex;flex-wrap:wrap;gap:6px;align-items:center}
.title-row{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 18px}
.title-row .acts{margin-left:auto}
.sum{display:flex;flex-wrap:wrap;gap:2px 12px;align-items:baseline;color:var(--muted)}
.sum b{font-weight:600}
.panel{background:var(--surface);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow);padding:14px 16px;display:grid;gap:10px;align-content:start;min-width:0}
.panel.scroller{padding:0}
section{display:grid;gap:10px;min-width:0;grid-template-columns:minmax(0,1fr)}
.scroller{overflow-x:auto}
.empty{color:var(--muted);padding:6px 0}
.notice{display:grid;gap:8px;padding:10px 14px;border-radius:11px;border:1px solid currentColor}
.notice.good{color:var(--good);background:var(--platform-soft)}
.notice.bad{color:var(--bad);background:var(--bad-soft)}
.tiles{display:flex;flex-wrap:wrap;gap:8px}
.tile{display:flex;align-items:baseline;gap:9px;padding:9px 15px;border-radius:12px;border:1px solid var(--line);background:var(--surface);box-shadow:var(--shadow);text-decoration:none;color:var(--ink)}
.tile b{font-size:20px;line-height:1;font-weight:650;color:var(--warn)}
.tile:is(.revoked,.held,.permission,.parked,.read_only,.webhook,.job) b{color:var(--bad)}
.tile:is(.duplicate,.proposal) b{color:var(--google)}
.tile.clear b{color:var(--muted)}
.tile:hover{border-color:var(--muted)}
.tile[aria-current]{border-color:var(--platform);box-shadow:inset 0 0 0 1px var(--platform)}
.filters{display:flex;flex-wrap:wrap;gap:8px;align-items:center}
.filters label{color:var(--muted)}
.filters input[type=search]{width:260px;background:var(--surface)}
.list{width:100%;border-collapse:collapse}
.list th{font-size:12px;font-weight:600;color:var(--muted);text-align:left;padding:9px 12px;border-bottom:1px solid var(--line);white-space:nowrap}
.list td{padding:9px 12px;border-bottom:1px solid var(--line-soft);vertical-align:top}
.list tr:last-child td{border-bottom:0}
.list tbody tr:hover td{background:var(--line-soft)}
.list td small{display:block}
.list td .acts{flex-wrap:nowrap}
.list th.num,.list td.num{text-align:right;font-variant-numeric:tabular-nums}
.connections .wrong{min-width:260px;max-width:560px}
.panel .list th:first-child,.panel .list td:first-child{padding-left:16px}
.panel:not(.scroller) .list th:first-child,.panel:not(.scroller) .list td:first-child{padding-left:0}
.strong{font-weight:600;color:var(--ink)}
.state{display:inline-flex;align-items:center;gap:6px;font-weight:600;white-space:nowrap}
.state::before{content:'';width:8px;height:8px;border-radius:50%;background:currentColor;flex:none}
.state.good{color:var(--good)}.state.warn{color:var(--warn)}.state.bad{color:var(--bad)}.state.off{color:var(--muted)}
.pager{display:flex;justify-content:space-between;color:var(--muted)}
.trouble{display:flex;flex-wrap:wrap;gap:10px 20px;align-items:center;justify-content:space-between;padding:12px 16px;border-radius:12px;border:1px solid var(--line);border-left:4px solid var(--warn);background:var(--surface)}
.trouble>div{flex:1 1 340px}
.trouble:is(.revoked,.held,.permission,.parked,.read_only){border-left-color:var(--bad)}
.trouble:is(.duplicate,.proposal){border-left-color:var(--google)}
.trouble:target{box-shadow:0 0 0 2px var(--focus)}
.halves{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:18px;align-items:start}
.cards{columns:3 400px;column-gap:18px}
.cards>*{break-inside:avoid;margin-bottom:18px}
.rows>li{display:grid;gap:2px;padding:9px 0;border-top:1px solid var(--line-soft)}
.rows>li:first-child{border-top:0}
.rows .with-act{grid-template-columns:minmax(0,1fr) auto;align-items:center;gap:12px}
.rows small{display:block}
.findings{display:grid;gap:6px;margin-top:4px;font-size:13px}
.checks li{display:grid;grid-template-columns:150px minmax(0,1fr) auto;gap:12px;padding:7px 0;border-top:1px solid var(--line-soft)}
.checks li:first-child{border-top:0}
.checks em{display:block;color:var(--muted)}
.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:5px 18px}
.facts dt{color:var(--muted)}
.facts dd{overflow-wrap:anywhere}
.sides{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:14px}
.side{padding:0;gap:0;overflow:hidden}
.side>header{display:flex;align-items:baseline;gap:10px;padding:11px 16px;border-top:3px solid var(--platform)}
.side.google>header{border-top-color:var(--google)}
.side h3{font-size:14px}
.week{display:grid}
.day-name{display:flex;gap:6px;align-items:baseline;justify-content:center;padding:6px 2px;border-bottom:1px solid var(--line);font-size:12px;color:var(--muted)}
.day-name b{font-size:15px;color:var(--ink);font-weight:600}
.day-name.today b{color:var(--surface);background:var(--platform);border-radius:99px;padding:0 7px}
.corner{border-bottom:1px solid var(--line)}
.all-day,.all-day-label{border-bottom:1px solid var(--line);padding:2px;min-height:22px}
.all-day{border-left:1px solid var(--line-soft);display:grid;gap:2px;align-content:start;min-width:0}
.all-day-label{font-size:10px;color:var(--muted);text-align:right;padding:4px 6px 0 0}
.hours[aria-hidden]{display:grid;grid-template-rows:repeat(calc(var(--rows) / 12),calc(var(--row) * 12));font-size:10px;color:var(--muted);text-align:right;padding-right:6px}
.hours[aria-hidden] span{line-height:1;transform:translateY(-4px)}
.hours[aria-hidden] span:first-child{transform:translateY(1px)}
.column{display:grid;grid-template-columns:repeat(12,minmax(0,1fr));grid-template-rows:repeat(var(--rows),var(--row));border-left:1px solid var(--line-soft);background-image:linear-gradient(var(--line-soft) 1px,transparent 1px);background-size:100% calc(var(--row) * 12);min-width:0}
.column.today{background-color:color-mix(in srgb,var(--platform-soft) 35%,transparent)}
.column>li{min-width:0;padding:1px;display:grid}
.box{display:block;min-width:0;overflow:hidden;border-radius:6px;padding:2px 5px 2px 7px;font-size:11.5px;line-height:1.25;text-decoration:none;border-left:3px solid var(--platform);background:var(--platform-soft);color:var(--platform-ink)}
.box.from-google{border-left-color:var(--google);background:var(--google-soft);color:var(--google-ink)}
.box .name{display:block;font-weight:600;overflow:hidden;text-overflow:ellipsis}
.box .when{display:block;white-space:nowrap;overflow:hidden}
.box.short{padding-top:0;padding-bottom:0;line-height:1.2;font-size:11px;display:grid;align-content:center}
.box:not(.tall) .name{white-space:nowrap}
.box.off{background:transparent;color:var(--muted);border-left-color:var(--line);text-decoration:line-through}
.box.differs{outline:2px dashed var(--warn);outline-offset:-2px}
.box.lit,.box:hover{box-shadow:0 0 0 2px var(--focus)}
.mark-differs{font-style:normal;font-weight:700;color:var(--warn);margin-right:4px}
.lock{display:inline-block;width:8px;height:6px;border-radius:1.5px;background:currentColor;margin-right:5px;position:relative;top:1px}
.lock::before{content:'';position:absolute;left:1px;top:-4px;width:4px;height:4px;border:1.5px solid currentColor;border-bottom:0;border-radius:3px 3px 0 0;box-sizing:content-box;width:3px}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;color:var(--muted);font-size:12px}
.legend li{display:flex;align-items:center;gap:6px}
.swatch{width:12px;height:12px;border-radius:3px;background:var(--platform-soft);border-left:3px solid var(--platform)}
.swatch.google{background:var(--google-soft);border-left-color:var(--google)}
.swatch.cancelled{background:transparent;border:1px solid var(--line)}
.timeline{display:grid}
.timeline>li{position:relative;padding:0 0 16px 22px;border-left:2px solid var(--line)}
.timeline>li:last-child{border-left-color:transparent;padding-bottom:0}
.timeline>li::before{content:'';position:absolute;left:-7px;top:4px;width:12px;height:12px;border-radius:50%;background:var(--muted);border:2px solid var(--surface)}
.timeline>li.platform::before{background:var(--platform)}
.timeline>li.google::before{background:var(--google)}
.timeline>li.stopped::before{background:var(--bad)}
.timeline .head{display:flex;flex-wrap:wrap;gap:2px 10px;align-items:baseline}
.timeline .head time{font-size:12px;color:var(--muted)}
.timeline .step{font-size:12px;padding:0 8px;border-radius:99px;background:var(--line-soft)}
.timeline .rule{font-size:12px;color:var(--muted)}
.changes{font-size:13px;margin:3px 0}
.changes del{color:var(--bad)}.changes ins{color:var(--good);text-decoration:none}
meter{width:120px;height:12px;vertical-align:middle}
.sign-in{max-width:380px;margin:10vh auto 0;width:100%;display:grid;gap:12px;padding:28px;background:var(--surface);border:1px solid var(--line);border-radius:18px;box-shadow:var(--shadow)}
.sign-in .mark{width:42px;height:42px}
.sign-in form{display:grid;gap:8px}
.sign-in label{font-weight:600}
.sign-in button{justify-content:center;min-height:40px;margin-top:6px}
.sign-in input{min-height:40px}
@media (max-width:1100px){.sides{grid-template-columns:minmax(0,1fr)}}
@media (max-width:760px){main{padding:14px 12px 40px}.top{padding:10px 12px}.search{order:5;max-width:none;flex-basis:100%}.menu{order:4;flex-wrap:nowrap;overflow-x:auto;width:100%}.menu a{white-space:nowrap}.filters input[type=search]{flex:1;width:auto;min-width:120px}.title-row .acts{margin-left:0}.list thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.list,.list tbody,.list tr,.list td{display:block}.list tr{padding:10px 14px;border-bottom:1px solid var(--line)}.list td,.panel .list td:first-child{padding:2px 0;border:0;display:grid;grid-template-columns:104px minmax(0,1fr);gap:8px;text-align:left!important}.list td::before{content:attr(data-label);color:var(--muted);font-size:12px}.list td>*{grid-column:2}.list td small{display:block}.connections td.wrong{min-width:0;padding:4px 0}.panel .list td:is(.who,.wrong,.mend){display:block}.list td:is(.who,.wrong,.mend)::before,.list td:not(.mend):has(>.muted:only-child){display:none}.list td .button,.list td .act{justify-self:start}.list td .acts{flex-wrap:wrap}.tiles{display:grid;grid-template-columns:repeat(2,minmax(0,1fr))}.tile{padding:8px 11px;gap:7px;height:100%;font-size:13px}.filters{flex-wrap:nowrap}.checks li{grid-template-columns:minmax(0,1fr) auto}.checks li span:nth-child(2){grid-column:1/-1;grid-row:2}}
@media print{.top,.acts,.filters,.pager{display:none}body{background:#fff}}
${GRID_CSS}
`
