/// The look of the page. Nearly everyone can tell blue from orange, and words repeat what colors say.
/// Text has a contrast of 4.5 or more in both themes.
enum ReportStyle {
  static let sheet: HTML = """
    :root { color-scheme: light dark; --page: #fff; --text: #1b1f24; --soft: #57606a;
      --line: #d5dbe1; --track: #eef1f4; --gap: #e3e7eb; --bar: #2f6fb0; --warm: #b35900;
      --up: #0b5cad; --down: #9a4a00; --mark: #fff4e5; }
    @media (prefers-color-scheme: dark) {
      :root { --page: #14181d; --text: #e6eaee; --soft: #a0abb6; --line: #343c45; --track: #222930;
        --gap: #2c343c; --bar: #6aa9e9; --warm: #f0a35e; --up: #7db8f2; --down: #f3b27a;
        --mark: #33281a; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1rem 3rem; background: var(--page);
      color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto,
      "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums;
      overflow-wrap: break-word; -webkit-text-size-adjust: 100%; }
    h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; }
    h2 { margin: 0 0 .75rem; font-size: 1.2rem; font-weight: 650; }
    h3 { margin: 0; font-size: 1rem; font-weight: 650; }
    p { margin: 0 0 .75rem; max-width: 44rem; }
    header p { margin: .4rem 0 0; color: var(--soft); }
    section { margin-top: 2.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
    footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line);
      color: var(--soft); font-size: .8125rem; }
    .note { color: var(--soft); font-size: .875rem; }
    .glance { display: flex; flex-wrap: wrap; gap: 1.25rem 1rem; margin: 0; }
    .glance > div { flex: 1 1 9rem; }
    .glance dt { color: var(--soft); font-size: .875rem; }
    .glance dd { margin: 0; font-size: 1.5rem; line-height: 1.25; font-weight: 600;
      letter-spacing: -.01em; white-space: nowrap; }
    .glance dd.note { font-size: .8125rem; font-weight: 400; letter-spacing: 0;
      white-space: normal; }
    .warnings { margin: 0; padding: .75rem 1rem .75rem 2rem; background: var(--mark);
      border-left: 4px solid var(--warm); overflow-wrap: anywhere; }
    .warnings li + li { margin-top: .25rem; }
    table { width: 100%; border-collapse: collapse; font-size: .875rem; }
    caption { padding: .75rem 0 .25rem; text-align: left; font-weight: 600; }
    th, td { padding: .3rem .75rem .3rem 0; text-align: left; font-weight: 400;
      border-bottom: 1px solid var(--line); vertical-align: middle; }
    thead th { color: var(--soft); font-size: .8125rem; vertical-align: bottom; }
    th:last-child, td:last-child { padding-right: 0; }
    .number { text-align: right; }
    .drawing { width: 40%; min-width: 4.5rem; }
    td svg { display: block; }
    svg.days { max-width: 14rem; }
    .apart > * { border-top: 2px solid var(--soft); }
    table + p, details + p { margin-top: .75rem; }
    .unseen { position: absolute; width: 1px; height: 1px; padding: 0; overflow: hidden;
      clip-path: inset(50%); white-space: nowrap; }
    details { margin-top: .75rem; }
    summary { color: var(--soft); font-size: .875rem; cursor: pointer; padding: .25rem 0; }
    summary:focus-visible, .wide:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
    .wide { overflow-x: auto; position: relative; }
    .wide td, .wide thead th, .wide tbody th { white-space: nowrap; }
    .plot.few { max-width: 20rem; }
    .plot.scaled { padding-left: 3.25rem; }
    .plot svg { display: block; overflow: visible; }
    svg text { fill: var(--soft); font-size: 12px; }
    svg text.value { fill: var(--text); text-anchor: middle; }
    svg text.axis { text-anchor: middle; }
    svg text.tick { text-anchor: end; }
    line.axis { stroke: var(--soft); }
    line.grid { stroke: var(--line); }
    path.bar, rect.bar { fill: var(--bar); }
    path.warm { fill: var(--warm); }
    path.gap { fill: var(--gap); }
    rect.track { fill: var(--track); }
    .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr));
      gap: 2rem 2.5rem; }
    .titled { grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
    .charts p { margin: .125rem 0 .25rem; }
    .charts td, .charts th { padding-top: .2rem; padding-bottom: .2rem; }
    .song { display: block; min-width: 7rem; white-space: normal; overflow-wrap: anywhere; }
    .up { color: var(--up); white-space: nowrap; }
    .down { color: var(--down); white-space: nowrap; }
    @media (max-width: 30rem) {
      th, td { padding-right: .5rem; }
      .drawing { width: 26%; min-width: 3.5rem; }
      h1 { font-size: 1.4rem; }
    }
    @media print { body { max-width: none; } section, article { break-inside: avoid; } }

    """
}
