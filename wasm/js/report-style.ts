export const reportStyle = `
:root{--ground:#fff;--panel:#f4f4f1;--ink:#1b1b1a;--soft:#55554f;--line:#d3d3cc;--bar:#4a6fa5;--good:#1f6b3a;--bad:#a3271c;--range:#a3271c}
@media (prefers-color-scheme:dark){:root{--ground:#161615;--panel:#222220;--ink:#ececea;--soft:#b3b3ac;--line:#3d3d39;--bar:#86a9dc;--good:#7fcf9b;--bad:#ff9d92;--range:#ff9d92}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.5rem;margin:0 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:2.2rem 0 .5rem}
p{margin:.4rem 0;max-width:60rem}
ul{padding-left:1.2rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.8rem;margin:0}
.tiles div{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem}
.tiles dt{color:var(--soft);font-size:.85rem}
.tiles dd{margin:0;font-size:1.35rem;font-variant-numeric:tabular-nums}
.tiles dd.more{font-size:.85rem;color:var(--soft)}
.bad{color:var(--bad)}
.good{color:var(--good)}
.scroll{overflow-x:auto;max-height:34rem;overflow-y:auto;border:1px solid var(--line);border-radius:.5rem}
table{border-collapse:collapse;width:100%}
caption{text-align:left;padding:.5rem .7rem;color:var(--soft)}
th,td{padding:.3rem .7rem;text-align:left;vertical-align:middle;border-top:1px solid var(--line)}
thead th{position:sticky;top:0;background:var(--panel);border-top:0;white-space:nowrap}
tbody th{font-weight:400;overflow-wrap:anywhere;min-width:10rem}
.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th button{font:inherit;font-weight:600;color:inherit;background:none;border:0;padding:.15rem 0;cursor:pointer}
th[aria-sort=ascending] button::after{content:" \\2191"}
th[aria-sort=descending] button::after{content:" \\2193"}
:focus-visible{outline:2px solid var(--bar);outline-offset:2px}
code{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--line);border-radius:.5rem;padding:.7rem;overflow-x:auto;white-space:pre-wrap}
svg .bar{fill:var(--bar)}
svg .end{stroke:var(--range);stroke-width:1.5}
svg{display:block}
`;
