/** The page's look: light and dark by the reader's setting, one column on a telephone. */
export const STYLE = `
:root { --ink: #1b2733; --soft: #5a6b7b; --line: #dfe6ec; --paper: #fff; --wash: #f5f8fa; --sea: #0b6e8f; --night: #0f2430;
  --get: #0b6e8f; --post: #2f7d3b; --put: #a05a00; --bad: #b3392f; color-scheme: light dark; scroll-behavior: smooth; }
@media (prefers-color-scheme: dark) { :root { --ink: #dbe5ec; --soft: #93a5b3; --line: #263843; --paper: #10191f; --wash: #16232b;
  --sea: #5cc0e0; --night: #0a1217; --get: #5cc0e0; --post: #7cc98a; --put: #e0a95c; --bad: #f08a80; } }
@media (prefers-reduced-motion: reduce) { :root { scroll-behavior: auto; } }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 17rem minmax(0, 1fr); color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
a { color: var(--sea); text-decoration: none; } a:hover { text-decoration: underline; } :focus-visible { outline: 2px solid var(--sea); outline-offset: 2px; }
code, pre { font: 0.88em/1.55 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.25rem 1rem 3rem; background: var(--wash); border-right: 1px solid var(--line); font-size: 0.86rem; }
nav a { display: flex; padding: 0.2rem 0.4rem; border-radius: 5px; color: var(--ink); } nav a:hover { background: var(--line); text-decoration: none; }
nav h2 { margin: 1.2rem 0 0.3rem; padding: 0 0.4rem; font-size: 0.72rem; letter-spacing: 0.07em; text-transform: uppercase; color: var(--soft); }
nav .method { flex: none; width: 2.9rem; font-size: 0.66rem; line-height: 1.5rem; }
nav .brand { display: flex; gap: 0.5rem; align-items: center; margin-bottom: 0.8rem; font-size: 1.15rem; font-weight: 700; color: var(--sea); }
main { max-width: 72rem; padding: 2.5rem 3rem 6rem; }
h1 { margin: 0; font-size: 2.4rem; letter-spacing: -0.02em; } .lead { font-size: 1.15rem; color: var(--soft); margin-top: 0.2rem; } header p { max-width: 46rem; }
section > h2 { margin: 3.5rem 0 0.3rem; padding-bottom: 0.4rem; border-bottom: 2px solid var(--line); font-size: 1.5rem; }
h2, article, tr[id] { scroll-margin-top: 1rem; }
article { margin: 1.6rem 0; padding: 1.2rem 1.4rem 1rem; border: 1px solid var(--line); border-radius: 10px; }
article:target, tr:target { border-color: var(--sea); background: var(--wash); }
article h3 { display: flex; flex-wrap: wrap; gap: 0.7rem; align-items: center; margin: 0 0 0.4rem; font-size: 1.05rem; } article > p { margin: 0.3rem 0 0.8rem; max-width: 50rem; }
h4 { margin: 1.1rem 0 0.3rem; font-size: 0.76rem; letter-spacing: 0.06em; text-transform: uppercase; color: var(--soft); }
.path { font-size: 1rem; font-weight: 600; overflow-wrap: anywhere; }
.method { font: 700 0.8rem/1.5 ui-monospace, "DejaVu Sans Mono", monospace; } .method.GET { color: var(--get); } .method.POST { color: var(--post); } .method.PUT { color: var(--put); }
h3 .method { padding: 0.1rem 0.55rem; border: 1px solid currentColor; border-radius: 6px; }
.who { margin-left: auto; padding: 0.1rem 0.6rem; border-radius: 99px; background: var(--wash); border: 1px solid var(--line); font-size: 0.75rem; font-weight: 500; color: var(--soft); } .who.staff { color: var(--put); }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 25rem); gap: 1.6rem; align-items: start; } .columns > div > h4:first-child { margin-top: 0.2rem; }
pre { margin: 0.6rem 0; padding: 1rem 1.1rem; border-radius: 8px; background: var(--night); color: #d9e8f0; overflow-x: auto; font-size: 0.8rem; }
.columns pre { white-space: pre-wrap; overflow-wrap: anywhere; position: sticky; top: 1rem; margin-top: 0.2rem; }
table { width: 100%; border-collapse: collapse; font-size: 0.87rem; } th { text-align: left; font-weight: 500; } td, th { padding: 0.4rem 0.8rem 0.4rem 0; border-top: 1px solid var(--line); vertical-align: top; }
.members th { width: 30%; } .members td:nth-child(2) { width: 28%; } .members td { color: var(--soft); overflow-wrap: anywhere; } .members small { color: var(--soft); font-weight: 400; white-space: nowrap; }
.type { color: var(--ink); } .status.good { color: var(--post); } .status.refused { color: var(--put); } .status.broken { color: var(--bad); }
.problems { margin: 0.6rem 0 0; line-height: 2; } .problem { padding: 0.12rem 0.5rem; border: 1px solid var(--line); border-radius: 99px; font-size: 0.76rem; color: var(--soft); white-space: nowrap; } .problem b { color: var(--put); font-weight: 600; }
.schema h3 { font-size: 1rem; } .schema { padding-bottom: 0.6rem; } .all-problems thead th { border-top: 0; font-size: 0.76rem; color: var(--soft); } .all-problems code { white-space: nowrap; }
@media (max-width: 68rem) { .columns { grid-template-columns: minmax(0, 1fr); gap: 0.4rem; } .columns pre { position: static; } }
@media (max-width: 48rem) { body { display: block; font-size: 15px; } nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding-bottom: 1rem; } main { padding: 1.5rem 1.1rem 4rem; } article { padding: 1rem; } .who { margin-left: 0; } }
`;
