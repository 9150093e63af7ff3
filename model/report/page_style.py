"""The style sheet of the report as a web page: screen, phone and A4 paper."""

from markupsafe import Markup

PAGE_STYLE = Markup("""
:root { color-scheme: light; --ink: #17242d; --muted: #4d5f6b; --line: #d5dde2; --rail: #edf1f4; --surface: #fff;
  --iim: #0b5f86; --mimic: #a8692a; }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { max-width: 56rem; margin: 0 auto; padding: 1rem; color: var(--ink); background: var(--surface);
  font: 0.95rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.3; }
h2 { margin: 1.6rem 0 .4rem; padding-bottom: .15rem; border-bottom: 2px solid var(--iim); font-size: 1.15rem; }
p { margin: .3rem 0; }
.lead { font-size: 1.05rem; font-weight: 600; }
.note, small, caption { color: var(--muted); font-size: .82rem; }
.use { color: var(--muted); }
.warning { padding: .35rem .7rem; border-left: 4px solid var(--mimic); background: var(--rail); }
dl { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; margin: .6rem 0 0; }
dl div { display: flex; gap: .4rem; } dt { flex: none; color: var(--muted); } dd { margin: 0; font-weight: 600; }
ul { margin: .3rem 0; padding-left: 1.1rem; } li { margin: .25rem 0; break-inside: avoid; }
li small { display: block; } .mark { padding: 0 .35rem; border: 1px solid var(--muted); border-radius: 3px;
  font-size: .78rem; white-space: nowrap; }
a { color: var(--iim); }
table { width: 100%; border-collapse: collapse; margin: .4rem 0; font-size: .86rem; }
.plain, .intervals { table-layout: fixed; }
caption { text-align: left; padding-bottom: .2rem; }
.waterfall caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
th, td { padding: .18rem .4rem .18rem 0; text-align: left; vertical-align: top; font-weight: 400; line-height: 1.35; }
thead th { color: var(--muted); font-size: .8rem; vertical-align: bottom; }
.plain tbody tr { border-top: 1px solid var(--line); }
.number, .intervals tr > :nth-child(n + 3) { text-align: right; padding: .18rem 0 .18rem .35rem; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
tr { break-inside: avoid; } h2 { break-after: avoid; } thead { display: table-header-group; }
.intervals th:first-child { width: 42%; }
.intervals tr > :nth-child(3), .intervals tr > :nth-child(5) { width: 4.2rem; }
.intervals tr > :nth-child(4) { width: 8.4rem; }
.intervals tbody tr:first-child { font-weight: 600; } .intervals tbody tr:first-child th { font-weight: 600; }
.intervals tbody td { vertical-align: middle; } .intervals tbody th { vertical-align: middle; }
.intervals .axis { position: relative; display: block; height: 1.1rem; }
.intervals .axis i { position: absolute; transform: translateX(-50%); font-style: normal; font-size: .72rem;
  white-space: nowrap; }
.intervals .axis i:first-child { transform: none; }
.intervals .axis i:last-child { transform: translateX(-100%); }
.track { position: relative; display: block; height: 1.05rem; background: var(--rail); }
.track i { position: absolute; }
.track i:first-child { inset: .2rem auto .2rem 0; background: var(--iim); }
.track i.mimic { background: repeating-linear-gradient(135deg, var(--mimic) 0 3px, #fff 3px 5px);
  box-shadow: inset 0 0 0 1px var(--mimic); }
.track i.range { top: calc(50% - 1px); height: 2px; min-width: 2px; background: var(--ink);
  outline: 1px solid var(--surface); }
.track i.before { inset: 0 auto 0 auto; width: 2px; background: var(--ink); }
@media (max-width: 640px) {
  body { padding: .75rem; } table { font-size: .8rem; }
  .intervals th:first-child { width: 36%; }
  thead th { font-size: .74rem; }
  .intervals .axis i:nth-child(even) { display: none; }
  .intervals tr > :nth-child(3) { width: 3.4rem; }
  .intervals tr > :nth-child(4) { width: 4.6rem; white-space: normal; }
  .intervals tr > :nth-child(5) { display: none; }
}
@page { size: A4; margin: 15mm; }
@media print { body { max-width: none; padding: 0; font-size: 9.5pt; } a { color: inherit; } }
""")
